"""The kinds of private detail the guard knows, and the mark that takes the place of each."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a detail is; of two that overlap, the earlier in this list gives the name."""

    IDENTITY = "identity"  # an identity number, and the certificates that contain one
    DOCUMENT = "document"  # passports, permits, and other papers with a number
    CARD = "card"  # a bank card or an account
    PHONE = "phone"
    ADDRESS = "address"  # down to the group, house or room; a village alone is none
    PLATE = "plate"
    EMAIL = "email"
    ACCOUNT = "account"  # WeChat, QQ and their like
    NAME = "name"  # a client's name, as far as the sentence announces it


# Read by whoever reads the masked text, so they are words; brackets that no other text uses much,
# and no digit, so that a masked text is never masked again.
MARKS = {
    Kind.IDENTITY: "〔证件号〕",
    Kind.DOCUMENT: "〔证件号〕",
    Kind.CARD: "〔银行卡号〕",
    Kind.PHONE: "〔电话〕",
    Kind.ADDRESS: "〔住址〕",
    Kind.PLATE: "〔车牌号〕",
    Kind.EMAIL: "〔邮箱〕",
    Kind.ACCOUNT: "〔网络账号〕",
    Kind.NAME: "〔姓名〕",
}


class Detail(NamedTuple):
    """One detail from `start` up to but not including `end`, in the text it was looked for in."""

    kind: Kind
    start: int
    end: int
