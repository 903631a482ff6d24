"""Pages by audience; every module here that declares a blueprint is one audience."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint

BLUEPRINTS = tuple(
    value
    for module in iter_modules(__path__)
    for value in vars(import_module(f"{__name__}.{module.name}")).values()
    if isinstance(value, Blueprint) and value.import_name == f"{__name__}.{module.name}"
)
