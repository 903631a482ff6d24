"""Security headers: a strict CSP without inline script or style."""

from flask import Flask, Response, current_app, request

CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "object-src": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{part} {sources}" for part, sources in CSP.items()),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
HTTPS_ONLY = "max-age=31556926; includeSubDomains"  # for a year


def add_headers(app: Flask) -> None:
    """Add the headers to every response."""
    app.after_request(protected)


def protected(response: Response) -> Response:
    """Return the response with the headers, if it has no stricter ones; it requires HTTPS if the site's address uses it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure and current_app.config["SITE_URL"].startswith("https://"):
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    return response
