"""Static pages: the contract catalogue and the dbt docs, under one index."""

from html import escape
from pathlib import Path

from infra.app.app import App

CATALOGUE_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "td,th{padding:.2rem 1rem .2rem 0;text-align:left}"
)


def write_pages(app: App, out: Path) -> Path:
    """Write the pages into a folder and return the index file; what an earlier call wrote is replaced."""
    contracts = out / "contracts"
    contracts.mkdir(parents=True, exist_ok=True)
    for contract in app.datasets.contracts.values():
        (contracts / f"{contract.name}.html").write_text(_contract_page(contract.path))
    app.datasets.dbt.docs(out / "dbt")
    index = out / "index.html"
    index.write_text(_index(app))
    return index


def _contract_page(path: Path) -> str:
    from datacontract.data_contract import DataContract
    from datacontract.export.exporter import ExportFormat

    return str(DataContract(data_contract_file=str(path)).export(ExportFormat.html))


def _index(app: App) -> str:
    rows = []
    for name, dataset in app.datasets.all.items():
        contract = app.datasets.contracts.get(name)
        link = f"contracts/{name}.html" if contract else f"dbt/index.html#!/model/model.guanxi.{name.split('.')[1]}"
        grain = contract.grain if contract else "a mart, see its model"
        reads = ", ".join(dataset.inputs)
        rows.append(
            f'<tr><td><a href="{link}">{escape(name)}</a></td><td>{escape(grain)}</td><td>{escape(reads)}</td></tr>'
        )
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Guanxi: datasets</title>"
        f"<style>{CATALOGUE_STYLE}</style>"
        "<h1>Datasets</h1><p>In reading order. <a href=dbt/index.html>dbt docs of the marts</a></p>"
        f"<table><tr><th>dataset<th>grain<th>reads</tr>{''.join(rows)}</table></html>"
    )
