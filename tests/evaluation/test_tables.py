"""Lists as they come from counties: encodings, headers, and what is wrong with them."""

from pathlib import Path

import pytest

from app.evaluation.tables import BadTable, read_table, truth

NEEDED = ("left", "right", "same", "group")


def table(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_in_the_encodings_of_a_county(tmp_path: Path, encoding: str) -> None:
    path = table(
        tmp_path, "left,right,same,group\n张/1.jpg, 张/2.jpg ,是,城关镇\n", encoding=encoding
    )
    found = read_table(path, NEEDED)
    assert found.rows[0].cells["right"] == "张/2.jpg"
    assert found.rows[0].cells["group"] == "城关镇"
    assert truth(found, found.rows[0], "same")


def test_columns_come_in_any_order_and_further_ones_are_named(tmp_path: Path) -> None:
    path = table(tmp_path, "Device, Same,group,right,left\r\nA,0,g,b.jpg,a.jpg\r\n\r\n")
    found = read_table(path, NEEDED)
    assert len(found.rows) == 1
    assert (found.rows[0].line, found.rows[0].cells["left"]) == (2, "a.jpg")
    assert found.others(NEEDED) == ["device"]
    assert not truth(found, found.rows[0], "same")


def test_paths_start_at_the_lists_folder_or_are_absolute(tmp_path: Path) -> None:
    found = read_table(table(tmp_path, "left,right,same,group\na,b,1,\n"), NEEDED)
    assert found.resolve("photos/a.jpg") == tmp_path / "photos" / "a.jpg"
    assert found.resolve("/photos/a.jpg") == Path("/photos/a.jpg")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no column left, right, same, group"),
        ("left,right,same\na,b,1\n", "no column group"),
        ("left,right,same,group\n", "no line below"),
        ("left,right,same,group\n\n,,,\n", "no line below"),
        ("left,left,right,same,group\na,a,b,1,g\n", "two columns of one name"),
        ("left,right,same,group\na,b,1,g,h\n", "line 2: more cells"),
        ("left,right,same,group\na,b,1,g\n,b,1,g\n", "line 3: left is empty"),
        ('left,right,same,group\n"a,b,1,g\n', "no CSV"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, text: str, why: str
) -> None:
    with pytest.raises(BadTable, match=why) as refused:
        read_table(table(tmp_path, text), NEEDED)
    assert "\n" not in str(refused.value)


def test_a_list_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="cannot read"):
        read_table(tmp_path / "nowhere.csv", NEEDED)
    (tmp_path / "photo.csv").write_bytes(b"\xff\xd8\xff\xe0\x00\x10")
    with pytest.raises(BadTable, match="neither UTF-8 nor GB 18030"):
        read_table(tmp_path / "photo.csv", NEEDED)


def test_a_label_is_yes_or_no(tmp_path: Path) -> None:
    found = read_table(table(tmp_path, "left,right,same,group\na,b,2,g\n"), NEEDED)
    with pytest.raises(BadTable, match="line 2: same is 1 or 0, not '2'"):
        truth(found, found.rows[0], "same")
