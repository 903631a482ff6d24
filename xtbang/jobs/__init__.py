"""Background jobs: sending mails and rendering papers, in a thread next to the web server."""
