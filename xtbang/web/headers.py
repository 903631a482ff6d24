"""Security headers by flask-talisman: a strict CSP without inline script or style."""

from flask import Flask
from flask_talisman import Talisman

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:"],
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


def add_headers(app: Flask) -> None:
    """HTTPS is forced only where the site's address is one."""
    secure = app.config["SITE_URL"].startswith("https://")
    Talisman(
        app,
        content_security_policy=CSP,
        force_https=False,
        strict_transport_security=secure,
        session_cookie_secure=secure,
        referrer_policy="same-origin",
        permissions_policy={},
    )
