"""Pages for anyone: home, board, lists, notices, guide, objections, verification of papers."""
