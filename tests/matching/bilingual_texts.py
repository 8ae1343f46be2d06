"""Sentences in Vietnamese and English, written for these tests; line i of one side translates line i of the other."""

from __future__ import annotations

FERRY = (
    [
        "Bến phà Cồn Sơn sẽ ngừng hoạt động từ ngày 1 tháng 3.",
        "Suốt 40 năm, người dân hai bờ chỉ có một cách qua sông là đi phà.",
        "Cây cầu mới dài 820 m, có bốn làn xe.",
        "Ông Trần Văn Bảy đã lái phà từ năm 1998.",
        "“Tôi sẽ nhớ tiếng còi mỗi sớm mai”, ông nói.",
        "Ba mươi nhân viên bến phà được tỉnh giới thiệu việc làm khác.",
        "Chiếc phà lớn nhất sẽ thành nhà hàng nổi.",
        "Xe tải nặng hơn 30 tấn vẫn phải đi đường vòng.",
    ],
    [
        "The Con Son ferry terminal will stop operating on 1 March.",
        "For 40 years, people on both banks had only one way to cross the river: the ferry.",
        "The new bridge is 820 metres long and has four lanes.",
        "Tran Van Bay has been steering ferries since 1998.",
        '"I will miss the sound of the horn every morning," he said.',
        "The province is helping the terminal's thirty employees find other jobs.",
        "The largest ferry will become a floating restaurant.",
        "Lorries heavier than 30 tonnes still have to take the long way round.",
    ],
)

BEES = (
    [
        "Đàn ong của làng Thượng Sơn chết hàng loạt vào đầu mùa hè.",
        "Các nhà khoa học nghi ngờ một loại thuốc trừ sâu mới.",
        "Họ đã lấy mẫu mật ở 25 tổ ong.",
        "Kết quả xét nghiệm sẽ có sau hai tuần.",
        "Trong lúc chờ đợi, người nuôi ong được khuyên chuyển tổ lên núi.",
        "Giá mật ong ở chợ huyện đã tăng gấp đôi.",
    ],
    [
        "The bees of Thuong Son village died in large numbers at the beginning of summer.",
        "Scientists suspect a new pesticide.",
        "They have taken samples of honey from 25 hives.",
        "The test results will be available in two weeks.",
        "While they wait, beekeepers are advised to move their hives up the mountain.",
        "The price of honey at the district market has doubled.",
    ],
)

ROBOTS = (
    [
        "Đội tuyển học sinh Đà Lạt giành huy chương vàng cuộc thi rô-bốt châu Á.",
        "Cỗ máy của các em biết phân loại rác bằng máy ảnh.",
        "Ban giám khảo khen thiết kế đơn giản mà bền.",
        "Cả đội đã làm việc mỗi tối trong sáu tháng.",
        "Phần thưởng 5.000 đô la sẽ dùng để mở câu lạc bộ ở trường.",
        "Năm tới cuộc thi sẽ diễn ra tại Thái Lan.",
    ],
    [
        "A team of pupils from Da Lat won the gold medal at the Asian robot contest.",
        "Their machine can sort rubbish with a camera.",
        "The jury praised a design that is simple but robust.",
        "The whole team worked every evening for six months.",
        "The prize of 5,000 dollars will pay for opening a club at their school.",
        "Next year the contest will take place in Thailand.",
    ],
)
