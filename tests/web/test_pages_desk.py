"""The desk: what waits for whom, the late first, by a number of queries that does not grow."""
