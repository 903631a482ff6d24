"""What runs in the background: sending mails, rendering papers; one thread beside the web server."""
