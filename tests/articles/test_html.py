from __future__ import annotations

import sys

import pytest
from legacy_bytes import PARAGRAPH, encode

from align.articles.html import decode_page, read_html
from align.articles.record import Article, Problem
from align.errors import DecodingError, MissingExtraError

MORE = "Buổi chiều, nắng đã dịu. Bà con chở thóc về sân đình phơi, vừa làm vừa trò chuyện rôm rả đến tận tối mịt."
PAGE = f"""<!DOCTYPE html>
<html lang="vi-VN"><head>META
<title>Được mùa - Báo Làng</title>
<meta property="og:title" content="Được mùa">
<link rel="canonical" href="https://bao.example/duoc-mua">
<meta property="article:published_time" content="2024-05-20T08:00:00+07:00">
</head><body>
<nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/the-thao">Thể thao</a></li></ul></nav>
<article><h1>Được mùa</h1>
<p>{PARAGRAPH}</p>
<p>{MORE}</p></article>
<footer><p>Bản quyền thuộc Báo Làng. Liên hệ quảng cáo.</p></footer>
</body></html>
"""


def page(charset: str | None, encoding: str) -> bytes:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if charset else ""
    text = PAGE.replace("META", meta)
    return encode(text, encoding) if encoding in ("tcvn3", "vni", "viscii", "cp1258") else text.encode(encoding)


def test_main_text_title_address_date_and_language() -> None:
    article = read_html(page("utf-8", "utf-8"), "dir/a.html", "a.html", None)
    assert article == Article(
        id="a.html",
        text=f"Được mùa\n{PARAGRAPH}\n{MORE}",
        source="dir/a.html",
        place="dir/a.html",
        lang="vi",
        title="Được mùa",
        url="https://bao.example/duoc-mua",
        date="2024-05-20",
    )


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        (None, "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("iso-8859-1", "utf-8-sig"),  # the mark wins
        ("no-such-charset", "utf-8"),
        ("utf-16", "utf-8"),
        ("windows-1258", "cp1258"),
        ("iso-8859-1", "vni"),
        ("x-user-defined", "vni"),
        ("windows-1252", "viscii"),
        ("utf-8", "viscii"),  # a wrong declaration
        (None, "cp1258"),
        (None, "utf-16"),
    ],
)
def test_charsets(charset: str | None, encoding: str) -> None:
    article = read_html(page(charset, encoding), "a.html", "a.html", None)
    assert isinstance(article, Article)
    assert article.text == f"Được mùa\n{PARAGRAPH}\n{MORE}"
    assert article.title == "Được mùa"


def test_a_named_encoding_beats_the_declaration() -> None:
    data = encode(PAGE.replace("META", '<meta charset="windows-1258">'), "vni")
    article = read_html(data, "a.html", "a.html", "vni")
    assert isinstance(article, Article)
    assert PARAGRAPH in article.text


def test_east_asian_charsets_are_followed() -> None:
    data = '<?xml version="1.0" encoding="gb18030"?><html><p>河水上涨</p></html>'.encode("gb18030")
    assert "河水上涨" in decode_page(data).text


@pytest.mark.parametrize(
    "data", [b"   \n", b"<html></html>", b"<html><head><title>t</title></head><body><p> </p></body></html>"]
)
def test_pages_without_text_are_problems(data: bytes) -> None:
    assert isinstance(read_html(data, "a.html", "a.html", None), Problem)


def test_entities_of_a_document_type_are_not_expanded() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "boom"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    data = (bomb + f"<html><body><article><p>{PARAGRAPH} &a; &f;</p></article></body></html>").encode()
    article = read_html(data, "a.html", "a.html", None)
    assert isinstance(article, Article)
    assert "boom" not in article.text.replace("&a;", "")
    assert "root:" not in article.text


def test_undecodable_pages_raise() -> None:
    with pytest.raises(DecodingError, match=r"a\.html: damaged UTF-8"):
        read_html(page("utf-8", "utf-8") + b"\xff", "a.html", "a.html", None)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)  # what Python itself does to forbid an import
    with pytest.raises(
        MissingExtraError, match=r'reading \.html needs the extra \'web\': pip install "align-vi-en\[web\]"'
    ):
        read_html(page("utf-8", "utf-8"), "a.html", "a.html", None)
