"""The product in a real browser, with the real server as a process that can be killed."""
