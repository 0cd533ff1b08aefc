"""What the landing store promises, in a folder and in a bucket alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from infra.lake.landing import Landing, LandingError
from infra.lake.object_store import DamagedError, ObjectStore, StoreError
from infra.lake.receipt import RECEIPT_SUFFIX


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_landed_object_is_a_copy_under_its_hash(landing: Landing, tmp_path: Path) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).object

    assert landed.path == landing.store.place(f"shop/{landed.sha256}/a.csv")
    assert landing.file("shop", landed.key).read_bytes() == b"x\n1\n"
    assert [item.key for item in landing.objects("shop")] == [f"{landed.sha256}/a.csv"]


def test_landing_again_changes_nothing(landing: Landing, tmp_path: Path) -> None:
    file = _file(tmp_path, "a.csv", b"x\n1\n")
    first = landing.land("shop", file)
    version = landing.version()

    again = landing.land("shop", file)

    assert (again.is_new, again.object) == (False, first.object)
    assert landing.version() == version


def test_what_is_read_back_is_what_was_landed(landing: Landing, tmp_path: Path) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n"), ("0" * 64,)).object

    assert landing.objects("shop") == landing.objects() == [landed]
    assert landing.names("shop") == [("a.csv", landed.sha256)]


def test_another_source_is_not_listed(landing: Landing, tmp_path: Path) -> None:
    landing.land("shop_plugin", _file(tmp_path, "a.csv", b"x"))

    assert landing.objects("shop") == []
    assert landing.names("shop") == []


@pytest.mark.parametrize(
    "stray",
    ["b.landed.json", "shop/b.landed.json", "shop/0/b.landed.json", f"shop/{'0' * 64}/x/b.landed.json", "b/c/d/e"],
)
def test_what_lies_where_no_receipt_can_is_passed_over_and_said(
    landing: Landing, tmp_path: Path, stray: str, caplog: pytest.LogCaptureFixture
) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x")).object
    landing.store.put(stray, b"")

    assert landing.objects() == landing.objects("shop") == [landed]
    assert landing.names("shop") == [("a.csv", landed.sha256)]
    assert (f"{landing.store.place(stray)!a}: no receipt lies at such a place" in caplog.text) is ("landed" in stray)


@pytest.mark.parametrize("receipt", [b"", b"[]", b"{}", b"null", b"\xff", b'{"supersedes": 1}', b"[" * 100_000])
def test_a_receipt_that_is_none_is_named_with_the_remedy(landing: Landing, receipt: bytes) -> None:
    name = f"shop/{'0' * 64}/x.landed.json"
    landing.store.put(name, receipt)

    with pytest.raises(StoreError) as raised:
        landing.objects()

    assert str(raised.value) == (
        f"{landing.store.place(name)}: this is no receipt. "
        "Restore it from a copy; or remove it, and have the object delivered again if it is missed."
    )


@pytest.mark.parametrize("place", ["fair/{}/a.csv", "shop/{}/b.csv", f"shop/{'0' * 64}/a.csv"])
def test_a_receipt_cannot_speak_of_an_object_elsewhere(landing: Landing, tmp_path: Path, place: str) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x")).object
    name = place.format(landed.sha256) + RECEIPT_SUFFIX
    landing.store.put(name, landed.receipt())

    with pytest.raises(
        StoreError, match=r"this is the receipt of another object, 'shop/.*/a.csv'. Restore it"
    ) as raised:
        landing.objects()

    assert str(raised.value).startswith(landing.store.place(name))


class Broken:
    """A store that fails when it is to keep what has a suffix."""

    def __init__(self, store: ObjectStore, suffix: str) -> None:
        self.store = store
        self.suffix = suffix

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def put_file(self, name: str, file: Path) -> None:
        self._break(name)
        self.store.put_file(name, file)

    def put(self, name: str, content: bytes, replaces: bytes | None = None) -> bool:
        self._break(name)
        return self.store.put(name, content, replaces)

    def _break(self, name: str) -> None:
        if name.endswith(self.suffix):
            raise StoreError(name)


@pytest.mark.parametrize("suffix", ["/a.csv", RECEIPT_SUFFIX])
def test_an_object_that_was_landed_by_half_does_not_exist_and_can_be_landed_again(
    landing: Landing, tmp_path: Path, suffix: str
) -> None:
    store, file = landing.store, _file(tmp_path, "a.csv", b"x\n1\n")
    landing.store = cast(ObjectStore, Broken(store, suffix))
    with pytest.raises(StoreError):
        landing.land("shop", file)
    landing.store = store

    assert landing.objects() == []
    assert landing.names("shop") == []
    assert landing.land("shop", file).is_new


def test_of_several_that_land_the_same_at_once_one_brings_it(landing: Landing, tmp_path: Path) -> None:
    file = _file(tmp_path, "a.csv", b"x\n1\n")
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: landing.land("shop", file), range(8)))

    assert sorted(one.is_new for one in done) == [False] * 7 + [True]
    assert {one.object for one in done} == set(landing.objects())


def test_what_several_say_at_once_of_supersession_is_all_kept(landing: Landing, tmp_path: Path) -> None:
    file = _file(tmp_path, "a.csv", b"x\n1\n")
    said = [f"{number:064x}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: landing.land("shop", file, (one,)), said))

    assert list(landing.objects()[0].supersedes) == said


class Forgetful(Broken):
    """A store whose answer to a write is lost: boto3 writes again and hears that something is there."""

    def put(self, name: str, content: bytes, replaces: bytes | None = None) -> bool:
        assert self.store.put(name, content, replaces)
        return self.store.put(name, content, replaces)


@pytest.mark.fault(30, how="a receipt that was written and is refused as a second one", part=True)
def test_a_write_whose_answer_was_lost_is_known_as_ones_own(landing: Landing, tmp_path: Path) -> None:
    landing.store = cast(ObjectStore, Forgetful(landing.store, RECEIPT_SUFFIX))

    assert landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).is_new
    assert len(landing.objects()) == 1


@pytest.mark.fault(43, how="in a landed object, in a folder and in a bucket", part=True)
def test_one_flipped_byte_is_found_before_use(landing: Landing, tmp_path: Path) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).object
    landing.store.put_file(f"shop/{landed.key}", _file(tmp_path, "flipped", b"x\n0\n"))

    with pytest.raises(DamagedError, match=r"a\.csv: these are not the bytes that were landed"):
        landing.file("shop", landed.key)


def test_bytes_that_are_gone_are_missed(landing: Landing, tmp_path: Path) -> None:
    landed = landing.land("shop", _file(tmp_path, "a.csv", b"x\n1\n")).object

    with pytest.raises(StoreError, match=r"b\.csv"):
        landing.file("shop", f"{landed.sha256}/b.csv")


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
