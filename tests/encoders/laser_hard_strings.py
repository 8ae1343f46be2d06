"""Strings at which a re-made tokeniser goes wrong: some by hand, then draws from alphabets of difficult characters."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

NBSP = "\u00a0"

BY_HAND = [
    "",
    " ",
    "\n",
    "\t\r\n",
    "Trời mưa to suốt đêm nên đường làng ngập nước.",
    "Bà nói: “Đừng đi”, rồi đóng cửa .",
    "Giá xăng tăng 7 % ; giá điện giảm 3%.",
    f"Giá xăng tăng 7{NBSP}% ;{NBSP}giá điện{NBSP}: giảm",
    f"1{NBSP}000{NBSP}000 đồng",
    f"1{NBSP}2{NBSP}3{NBSP}4",
    "1 000 000 đồng",
    f"«{NBSP}Xin chào{NBSP}», cô ấy nói.",
    "«Xin chào», cô ấy nói.",
    f"a{NBSP}«{NBSP}b{NBSP}»{NBSP}c",
    f"a{NBSP}»b«{NBSP}c",
    f"nhiệt độ 25{NBSP}ºC, dài 30{NBSP}cm, nº{NBSP}7",
    f"một,{NBSP} hai  , nº{NBSP} 7, {NBSP}« ba {NBSP}»  bốn",
    f"Sao{NBSP}? Thế à{NBSP}! Vâng,{NBSP}được",
    "It’s the dog’s bone; the dogs’ bones.",
    "a‘b‘c’d’e",
    "A‘b’C 1‘2’3 đ’ấ",
    "‘single’ ‚low‘ „German“ “double”",
    "''two singles'' ´´acutes´´ `backtick` ``two``",
    "'' '",
    "'''",
    "“''”",
    '"Yes", he said. "No".',
    '"...", ",.,.", "".',
    '"""..,,"""',
    "( a )( b )((c))",
    "word(x)word (y) . (z) , ( ) ;",
    ")) ) . ) ; ) a ( ( (",
    "f(x) : g(y) ; h",
    "a  b   c    d",
    f"a {NBSP} b{NBSP}{NBSP}c",
    "9 % 10  % 11%",
    "٣ % ३ % ９ %",
    f"٣{NBSP}٤",
    "em—dash en–dash hy-phen minus−sign ‑ ‒ ―",
    "… ... ‥ . . .",
    "…”, she said…",
    "vàng",
    "va\u0300ng",
    "vàng va\u0300ng VÀNG VA\u0300NG",
    "Tiê\u0301ng Viê\u0323t, Ti\u00ea\u0301ng Vi\u1ec7t, tie\u0302\u0301ng",
    "ho\u00e0 h\u00f2a, thu\u00fd th\u00fay",
    "Đà Nẵng ĐÀ NẴNG \u00d0\u00e0 N\u1eb5ng",
    "İstanbul Iğdır ıspanak",
    "Straße STRASSE ẞ",
    "ﬁne ﬂour ﬀ ﬃ ﬆ",
    "ΟΔΥΣΣΕΥΣ ΣΑΣ Σ ΑΣ. ΑΣ'Α ΑΣ\u00adΑ",
    "ΑΣ\nΑ",
    "Ǆ ǅ ǆ ǈ ǋ ǲ",
    "ＡＢＣ　０１２％，。！？；：（ａ）",
    "、。「引用」『書名』《書》【】〈〉～",
    "中文没有空格，日本語もない。",
    "ภาษาไทยไม่มีช่องว่าง",
    "한국어 문장입니다 . 각",
    "مرحبا بالعالم، كيف حالك؟",
    "שלום עולם — \u200eabc\u200f",
    "हिन्दी में एक वाक्य।",
    "русский текст «в кавычках», да",
    "e\u0301\u0302\u0303\u0304\u0305\u0306 z\u0335\u0327\u0328",
    "\u0301 alone \u0302",
    "👍 👍🏽 👨\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 🇻🇳",
    "a\u200db a\u200cb a\u200bb a\u2060b a\ufeffb",
    "\ufeffĐầu tệp",
    "soft\u00adhyphen",
    "\u202aLRE\u202c \u202bRLE\u202c \u2066LRI\u2069 \u2067RLI\u2069",
    "a\x00b\x01c\x07d\x1be\x7ff\x80g\x85h\x9fi",
    "a\x0bb\x0cc\x1cd\x1de\x1ef\x1fg",
    "a\u2028b\u2029c",
    "a\u1680b\u2000c\u2001d\u2002e\u2003f\u2004g\u2005h\u2006i\u2007j\u2008k\u2009l\u200am\u202fn\u205fo\u3000p",
    "\u3000 đầu và cuối \u2003",
    f"{NBSP}«{NBSP}",
    f"{NBSP}{NBSP}%",
    "\ud800 lone \udfff surrogates \udc80",
    "private \ue000 \uf8ff \U000f0000 \U0010fffd",
    "noncharacters \ufdd0 \ufffe \uffff \U0001ffff \U0010ffff",
    "replacement \ufffd \ufffc",
    "tags \U000e0041\U000e007f variation \ufe0e\ufe0f\U000e0100",
    "𝐁𝐨𝐥𝐝 𝔉𝔯𝔞𝔨𝔱𝔲𝔯 𝟘𝟙𝟚 𐐀𐐨 𠀀𠀁 𓀀",
    "𐐀 𐐁𞤀 Ꭰ ꭰ Ა ა",
    "½ ² ³ ₫ € £ ¥ № ™ ® © ° ª º ‰ ‱",
    "①②③ Ⅳ ⅳ ㎏ ㍿ ㈱",
    "▁ ▁▁a ▁b",
    "<s> </s> <unk> <pad> <0x41>",
    "madeupword0000 madeupword0001",
    "&amp; &lt;b&gt; &quot;x&quot; &#39;",
    "http://example.org/a?b=c&d=e#f user@example.org",
    "C:\\temp\\new \\( \\) $1 \\1 \\g<1>",
    "^ $ * + ? { } [ ] | \\",
    "tab\tseparated\tvalues",
    "Windows\r\nline\rends",
    "x" * 300,
    "ă" * 300,
    "( " * 200,
    '"' * 200 + ",." * 100,
    " " * 300 + "%",
    "9 % " * 100,
    "a’" * 150,
    f"1{NBSP}" * 150,
]
"""Each with at most a few hundred characters, all assigned before Unicode 13 or in no version."""

_ALPHABETS = [
    "()  .,:;%''`\"«»‘’‚„“”–—´…\u00a0\u00a0aAbB19?!",
    "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯ áàảãạấầẩẫậắằẳẵặ \u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323",
    "\n\r\t\x00\x0b\x1c\x85\xad\u1680\u2003\u2028\u2029\u200b\u200c\u200d\u200e\u202e\u2060\u2066\u3000\ufeff ab.",
    "😀👍🏽👨👩👧\u200d\ufe0f🇻🇳❤☺\u20e31#a ",
    "ΣσςΑαßẞİıIiﬁﬂǅǆÅÅKΩ aB'.",
    "中文字日本語ひらがなカタカナ한국어ไทยبعربيעברहिन्दी 。、，．！？「」（）０９ａＺ",
    "٣४९０9 %\u00a0.,-–",
    "\ud800\udfff\ue000\uf8ff\ufffe\U0001ffff\U000e0041\U0010fffd\u0378\U0001f9ff𝐁𠀀 x",
]


def hard_strings(count: int) -> list[str]:
    """Return `count` strings: those by hand, then drawn ones, one in a thousand of up to 20,000 characters."""
    return [*BY_HAND, *_drawn(count - len(BY_HAND))][:count]


def _drawn(count: int) -> Iterator[str]:
    generator = random.Random(13)
    for number in range(count):
        length = generator.randrange(1, 60)
        if number % 1000 == 999:
            length *= 340
        if number % 5 == 4:  # anything that Unicode has room for, with more from the lower planes
            yield "".join(chr(int(sys.maxunicode * generator.random() ** 3)) for _ in range(length))
        else:
            alphabet = "".join(generator.sample(_ALPHABETS, generator.choice((1, 1, 2, 3))))
            yield "".join(generator.choice(alphabet) for _ in range(length))
