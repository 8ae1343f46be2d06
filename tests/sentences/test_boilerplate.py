from __future__ import annotations

import time

import pytest

from align.sentences import boilerplate_rule, flag_sentences, split

BOILERPLATE = {
    "navigation": [
        "Skip to content",
        "2. Skip to main menu",
        "Read more »",
        "Live Story",
        "Click here to enlarge image",
        "ADVERTISEMENT",
        "Xem thêm:",
        "Đọc tiếp...",
        "Quảng cáo",
        "Chia sẻ",
        "Tin liên quan",
        "Bấm vào đây để xem ảnh lớn",
        "Related: Floods in the delta",
    ],
    "social": ["Facebook Twitter Email", "Facebook | Zalo | Sao chép liên kết"],
    "read-time": ["3 min read", "12 minutes read", "3 phút đọc"],
    "credit": [
        "Image: Ivan Petrov/TASS/dpa",
        "Ảnh: TTXVN",
        "(Ảnh: Minh Sơn/Vietnam+)",
        "Photo: Jane Doe",
        "A market in Hanoi [Stringer/Anadolu Agency/Getty]",
        "A market in HanoiImage: Jane Doe/AP/picture alliance",
    ],
    "agency": ["(Reuters)", "ab,cd/ef (Reuters, AFP)", "Theo TTXVN", "AFP/Reuters", "(TTXVN/Vietnam+)"],
    "date": [
        "October 20, 2021",
        "Wed, 20 Oct 2021 14:05 GMT",
        "Thứ Tư, 20/10/2021, 14:05 (GMT+7)",
        "Ngày 20 tháng 10 năm 2021",
        "Cập nhật lúc 14h05 ngày 20/10/2021",
    ],
    "contribution": [
        "Brussels correspondent Jane Doe contributed to this report",
        "Reporting by Jane Doe; Editing by John Roe",
        "Biên dịch: Lan Anh",
    ],
    "copyright": ["© 2021 The Daily News", "Copyright 2020 News Ltd. All rights reserved.", "Bản quyền thuộc Báo Mới"],
    "address": ["https://example.com/news/1", "desk@example.com", "Email: toasoan@vidu.vn"],
    "count": ["12 comments", "(3 bình luận)", "1.2k shares", "Bình luận (5)"],
    "letterless": ["***", "1.", "- - -", "2021"],
}
SENTENCES = [
    "Reuters reported the attack on October 20, 2021.",
    "He told AFP that the talks had failed (see map).",
    "Read more books and you will sleep better at night.",
    "The image: a child in a boat, alone.",
    "Share prices fell in London.",
    "He contributed to this report of the committee in 1990 and left the party a year later.",
    "The advertisement was banned in May.",
    "Ông chia sẻ với phóng viên về chuyến đi.",
    "Theo TTXVN, hội nghị diễn ra ngày 20/10.",
    "Quảng cáo này bị cấm từ tháng 5.",
    "Bức ảnh được chụp năm 1975 tại Huế.",
    "Năm 2021, thứ hai là ngày họp.",
    "Bản quyền là quyền của tác giả.",
    "Trang chủ của báo bị tấn công.",
    "Talks at Moscow end without a deal",
    "Nguồn: ông không nói rõ tên người đã gửi cho ông tài liệu mật vào mùa thu năm đó",
    "The ministry confirmed the figures (Interior Ministry).",
    "Thank you.",
    "Reporting by a free press is rare in such countries.",
    "Written by hand, the letter was hard to read.",
    "He contributed to the report.",
    "Tác giả: một người không ai biết tên",
    "Video: police chase ends on the old bridge",
    "Yes.",
]


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in BOILERPLATE.items() for line in lines])
def test_boilerplate_is_named_by_its_rule(rule, line):
    assert boilerplate_rule(line) == f"boilerplate:{rule}"


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_true_sentence_is_left_alone(sentence):
    assert boilerplate_rule(sentence) is None


def test_sentences_of_a_boilerplate_line_share_its_flag():
    text = "Rice is cheap.\nCopyright 2020 News Ltd. The Editors. All rights reserved."
    assert flag_sentences(text, split(text, "en")) == [None, *["boilerplate:copyright"] * 3]


def test_a_sentence_beside_a_copyright_line_is_left_alone():
    text = "The village cut its rice before the rain. All rights reserved."
    assert flag_sentences(text, split(text, "en")) == [None, "boilerplate:copyright"]


def test_a_headline_said_again_is_flagged_the_second_time():
    text = "Rice is cheap again\n\nRICE is cheap again\nIt is.\nIt is."
    assert flag_sentences(text, split(text, "en")) == [None, "boilerplate:repeated", None, None]


@pytest.mark.parametrize("unit", ["(", "a/", "Ảnh: ", "© ", "x@", "a 1 ", "reporting by ", "a. ", "w.", "and "])
@pytest.mark.parametrize("length", [300, 100_000])
def test_a_hostile_line_costs_little(unit, length):
    started = time.process_time()
    boilerplate_rule((unit * length)[:length])
    assert time.process_time() - started < 0.5
