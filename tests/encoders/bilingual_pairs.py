"""Own-written sentences that translate each other; neighbours are about related things and could be mixed up."""

from __future__ import annotations

PAIRS = [
    ("Trời mưa to suốt đêm nên đường làng ngập nước.", "It rained hard all night, so the village road was flooded."),
    ("Nắng gắt đã làm khô cạn con suối sau nhà.", "The harsh sun has dried up the stream behind the house."),
    ("Bà tôi trồng rau muống cạnh bờ ao.", "My grandmother grows water spinach beside the pond."),
    ("Ông tôi nuôi cá chép trong ao.", "My grandfather keeps carp in the pond."),
    ("Thư viện mở cửa lúc tám giờ sáng thứ Hai.", "The library opens at eight o'clock on Monday morning."),
    ("Thư viện đóng cửa lúc năm giờ chiều thứ Sáu.", "The library closes at five o'clock on Friday afternoon."),
    ("Giá gạo tăng bảy phần trăm trong quý đầu năm.", "The price of rice rose seven percent in the first quarter."),
    ("Giá cà phê giảm mạnh vì được mùa.", "Coffee prices fell sharply because of a good harvest."),
    ("Cô giáo nhắc học sinh mang theo áo mưa.", "The teacher reminded the pupils to bring raincoats."),
    ("Học sinh tặng cô giáo một bó hoa sen.", "The pupils gave their teacher a bunch of lotus flowers."),
    ("Chuyến tàu đi Đà Nẵng khởi hành muộn hai tiếng.", "The train to Da Nang left two hours late."),
    ("Chuyến bay từ Cần Thơ đã hạ cánh an toàn.", "The flight from Can Tho has landed safely."),
    ("Bác sĩ khuyên anh ấy bỏ thuốc lá.", "The doctor advised him to give up smoking."),
    ("Y tá đo huyết áp cho bệnh nhân mỗi sáng.", "The nurse takes the patient's blood pressure every morning."),
    ("Cây cầu mới nối hai bờ sông Hậu.", "The new bridge joins the two banks of the Hau River."),
    ("Chiếc phà cũ vẫn chở khách qua sông.", "The old ferry still carries passengers across the river."),
    ("Đội chủ nhà thắng nhờ bàn thắng ở phút cuối.", "The home team won with a goal in the last minute."),
    ("Trọng tài rút thẻ đỏ với thủ môn đội khách.", "The referee showed the visiting goalkeeper a red card."),
    ("Hội đồng đã thông qua ngân sách năm tới.", "The council has passed next year's budget."),
    ("Người dân phản đối kế hoạch xây bãi rác.", "Residents oppose the plan to build a landfill."),
]
