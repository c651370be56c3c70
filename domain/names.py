"""Names as they are looked up: one spelling for what people write in several ways.

A name is found whole or by its surname. Nothing here is a judgement of a name: rare characters,
names of minorities and foreign names pass as they are.
"""

import unicodedata

_DOTS = str.maketrans(dict.fromkeys("・•‧∙⋅．.", "·"))
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
LONGEST = 60
_COMPOUND = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠"
    "公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良漆雕乐正宰父谷梁"
    "拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门第五纳兰完颜"
)
COMPOUND_SURNAMES = frozenset(map("".join, zip(_COMPOUND[::2], _COMPOUND[1::2], strict=True)))
"""Surnames of two characters (《百家姓》 and those that are borne today)."""


def plain_name(text: str) -> str:
    """Return a name without what differs by keyboard: width, spaces, kinds of dot, letter case."""
    written = "".join(char for char in _folded(text) if not char.isspace())
    return _folded("".join(char for char in written if char not in _INVISIBLE)).translate(_DOTS)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def surname_of(name: str) -> str:
    """Return the surname of a name in its plain form; empty for an empty one.

    Before a middle dot all of it counts (阿依古丽·买买提); a compound surname needs a given name
    behind it; otherwise it is the first character.
    """
    first, dot, _ = name.partition("·")
    if dot and first:
        return first
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2]
    return name[:1]
