"""The worked examples of the manual as files."""

import re
from pathlib import Path

from infra.app.app import PROJECT_ROOT

PAGES = ("add-a-source.md", "add-a-feature.md", "add-a-mart.md")
EXAMPLE = re.compile(r"^`(?P<path>\S+)`:\n\n```\w+\n(?P<text>.*?)^```$", re.M | re.S)


def write_examples(root: Path) -> None:
    """Write the files of a second source, a feature and a mart, as the pages on adding them show them."""
    for page in PAGES:
        shown = list(EXAMPLE.finditer((PROJECT_ROOT / "docs" / page).read_text()))
        assert shown, f"{page} shows no file"
        for example in shown:
            file = root / example["path"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(example["text"])
