from pathlib import Path

import pytest

from infra.lake.landing import Landing, LandingError
from infra.lake.settings import Settings


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(Settings(home=tmp_path / "home"))


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_landed_object_is_a_copy_under_its_hash(landing: Landing, tmp_path: Path) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).object

    assert Path(landed.path).read_bytes() == b"x\n1\n"
    assert [item.key for item in landing.objects("shop")] == [f"{landed.sha256}/a.csv"]


def test_landing_again_changes_nothing(landing: Landing, tmp_path: Path) -> None:
    file = _file(tmp_path, "a.csv", b"x\n1\n")
    first = landing.land("shop", file)
    version = landing.version()

    again = landing.land("shop", file)

    assert (again.is_new, again.object) == (False, first.object)
    assert landing.version() == version


def test_an_object_without_its_receipt_does_not_exist(landing: Landing, tmp_path: Path) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).object
    Path(landed.path + ".landed.json").unlink()

    assert landing.objects() == []


def test_other_bytes_under_the_same_name_are_a_second_object_with_a_warning(landing: Landing, tmp_path: Path) -> None:
    landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n"))
    second = landing.land("shop", _file(tmp_path, "a.csv", b"x\n2\n"))

    assert second.same_name_other_bytes
    assert len(landing.objects("shop")) == 2


def test_a_declared_correction_is_no_surprise(landing: Landing, tmp_path: Path) -> None:
    first = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).object
    second = landing.land("shop", _file(tmp_path, "a.csv", b"x\n2\n"), (first.sha256,))

    assert not second.same_name_other_bytes
    assert second.object.supersedes == (first.sha256,)


def test_a_supersession_declared_later_moves_the_listing(landing: Landing, tmp_path: Path) -> None:
    old = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).object
    new = _file(tmp_path, "b.csv", b"x\n2\n")
    landing.land("shop", new)
    version = landing.version()

    landing.land("shop", new, (old.sha256,))

    assert landing.version() != version


@pytest.mark.parametrize("through", [1, 2])
def test_objects_cannot_supersede_each_other(landing: Landing, tmp_path: Path, through: int) -> None:
    first = _file(tmp_path, "0.csv", b"0")
    landed = [landing.land("shop", first).object]
    for number in range(1, through + 1):
        file = _file(tmp_path, f"{number}.csv", str(number).encode())
        landed.append(landing.land("shop", file, (landed[-1].sha256,)).object)

    with pytest.raises(LandingError, match="supersede itself"):
        landing.land("shop", first, (landed[-1].sha256,))


def test_a_missing_file_is_named(landing: Landing, tmp_path: Path) -> None:
    with pytest.raises(LandingError, match=r"absent\.csv: there is no such file"):
        landing.land("shop", tmp_path / "absent.csv")


def test_a_name_that_leaves_no_room_for_the_receipt_is_refused(landing: Landing, tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="too long"):
        landing.land("shop", _file(tmp_path, "n" * 250, b"x"))


@pytest.mark.parametrize("name", ["_hidden.csv", ".hidden.csv", "a=b.csv", "%2e%2e", "quo'te.csv", "schön 🛒.csv"])
def test_unusual_names_are_kept_as_they_are(landing: Landing, tmp_path: Path, name: str) -> None:
    landing.land("shop", _file(tmp_path, name, b"x"))

    assert [item.name for item in landing.objects()] == [name]
