"""How it is seen: one palette (`symbols`) for the web page, the paper sheet and the tables."""
