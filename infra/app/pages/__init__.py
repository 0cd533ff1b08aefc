"""The pages: what there is, what is out of date and why, what runs and gates did. Static, and free of any request
to another host.

tables' metadata, ops.*, two marts ─read once─▶ facts ─templates─▶ files, each replaced as a whole
"""

from infra.app.pages.site import seconds_to_wait, write_pages, write_run_pages

__all__ = ["seconds_to_wait", "write_pages", "write_run_pages"]
