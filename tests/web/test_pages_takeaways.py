"""What is taken away of the projects that were chosen: a spreadsheet, their forms as one PDF."""

from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Person

LogIn = Callable[[Person], FlaskClient]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_chosen_projects_are_exported_and_their_forms_printed_as_one(factory: SiteProjectFactory, login: LogIn) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    science, chosen = login(factory.people["science"]), f"id={second.id}&id={first.id}"
    sheet = load_workbook(BytesIO(science.get(f"/batches/export?list=projects&{chosen}").data)).active
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [second.number, first.number]
    every = load_workbook(BytesIO(science.get("/batches/export?list=projects&all=1&kind=tech_demand").data)).active
    assert [row[0].value for row in every.iter_rows(min_row=2)] == [first.number]
    answer = science.get(f"/batches/print?list=projects&{chosen}")
    assert answer.mimetype == "application/pdf"
    with pikepdf.open(BytesIO(answer.data)) as pdf:
        assert len(pdf.pages) > 2
    assert science.get("/batches/print?list=projects").status_code == 302
    county = login(factory.people["county"]).get(f"/batches/export?list=projects&{chosen}")
    assert [row[0].value for row in load_workbook(BytesIO(county.data)).active.iter_rows(min_row=2)] == [first.number]
