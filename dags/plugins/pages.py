"""Airflow plugin: Guanxi's pages under /guanxi/, behind Airflow's own login.

An application that a plugin mounts is open to everybody unless it asks for the user itself.
"""

from typing import Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, HTTPException, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException as StarletteError
from starlette.staticfiles import StaticFiles

from infra.app.airflow_settings import PAGES
from infra.lake.settings import Settings

NOT_THERE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Guanxi</title>
{words}
</html>
"""
NO_PAGE: Final = "<p>There is no such page.</p>"
# Airflow links to the page of a run from the moment that a task knows its run.
RUNS: Final = "runs/"
NOT_YET: Final = """<meta http-equiv="refresh" content="5">
<p>There is no such run, or its page is not written yet: it is within a minute after the run has ended.
This one is asked for again every 5 seconds.</p>"""

app = FastAPI(title="Guanxi", docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/{path:path}")
async def page(path: str, request: Request, user: GetUserDep) -> Response:
    """Send one page to somebody who is logged in; where there is none, 404, and of a run it is asked for again."""
    # Made anew for each request, as the folder may not have been written yet when the server starts.
    files = StaticFiles(directory=Settings().site_dir, html=True, check_dir=False)
    asked = files.get_path({**request.scope, "path": f"/{path}", "root_path": ""})
    try:
        return await files.get_response(asked, request.scope)
    except StarletteError as error:
        if error.status_code != status.HTTP_404_NOT_FOUND:
            raise
        words = NOT_YET if path.startswith(RUNS) else NO_PAGE
        return HTMLResponse(NOT_THERE.format(words=words), status.HTTP_404_NOT_FOUND)


@app.exception_handler(HTTPException)
async def to_login(request: Request, error: HTTPException) -> Response:
    """Send somebody who is not logged in to the login, and then back."""
    if error.status_code in {401, 403}:
        return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)))
    return Response(str(error.detail), error.status_code)


class GuanxiPages(AirflowPlugin):
    """The pages and their entry in Airflow's navigation."""

    name = "guanxi_pages"
    fastapi_apps: list[Any] = [{"app": app, "url_prefix": PAGES, "name": "Guanxi"}]  # noqa: RUF012
    external_views: list[Any] = [  # noqa: RUF012 - as the base class has it
        {
            "name": "Guanxi",
            "href": f"{PAGES}/index.html",
            "destination": "nav",
            "category": "browse",
            "url_route": "guanxi",
        }
    ]
