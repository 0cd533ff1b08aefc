"""An export of payments that is delivered again, corrected, is one that the pipeline takes."""

import gzip
from pathlib import Path

from infra.app.app import App
from infra.app.demo.correction import write_correction
from infra.app.pull import pull
from infra.lake.settings import Settings

WRONG = b"TRANSACTION_NO,AMOUNT_YUAN\nT1,1.00\nT1,1.00\nT2,1\x00.00\nT3,2.50\nT4,5.00,9\n"


def test_one_amount_is_corrected_and_the_manifest_says_the_sum_and_what_is_replaced(tmp_path: Path) -> None:
    app = App(Settings(home=tmp_path / "home"))
    file = tmp_path / "2026-03-04-000.csv.gz"
    file.write_bytes(gzip.compress(WRONG))
    wrong = app.land("payment_sdk", file).object

    words = write_correction(wrong, app.settings.inbox_dir / "payment_sdk")
    pulled = pull(app, "payment_sdk")

    assert words == "T3 was 3.50 yuan and not 2.50"
    assert pulled.refused == ()
    (corrected,) = pulled.landed
    assert corrected.object.supersedes == (wrong.sha256,)
    assert gzip.decompress(Path(corrected.object.path).read_bytes()) == WRONG.replace(b"T3,2.50", b"T3,3.50")
