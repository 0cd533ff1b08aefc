"""Sources that files are dropped for, and a sound object of each with a text of somebody's choice in it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from infra.app.app import App

HEADER = (
    "RECORD_TYPE,TRANSACTION_NO,MERCHANT_ORDER_NO,PLATFORM,PAYER_NO,PAYER_PHONE_SHA256,METHOD,STATUS,AMOUNT_YUAN,"
    "REFUND_OF,PAID_AT"
)
SETTLEMENT_HEADER = "SETTLEMENT_NO,PLATFORM,MERCHANT_NO,GROSS_YUAN,REFUNDED_YUAN,FEE_YUAN,AMOUNT_YUAN,SETTLED_AT"
RETAIL_HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def quoted(text: str) -> str:
    """A field of delimited text that may hold anything but line ends."""
    return '"' + text.replace('"', '""') + '"'


def export(number: int, text: str) -> bytes:
    """A line of the retail export, whose product is called so."""
    line = f"{500000 + number},1001,{quoted(text)},2,2026-03-02 10:00:00,2.50,10001.0,{quoted(text)}"
    return f"{RETAIL_HEADER}\n{line}\n".encode()


def order(number: int, text: str) -> bytes:
    """An order line of the community shop, whose product is called so."""
    data = {
        "visitor_id": "v1", "account_id": "u1", "order_id": f"o{number}", "product_id": text or "p",
        "product_name": text, "quantity": 1, "unit_price_fen": 100, "country": "CN",
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": f"e{number}", "source": "/shop/app", "type": "shop.order.line_placed",
        "time": "2026-03-02T10:00:00+08:00", "data": data,
    }  # fmt: skip
    return json.dumps(event).encode() + b"\n"


def payment(number: int, text: str) -> bytes:
    """A payment, whose payer and order are called so."""
    row = f"PAYMENT,T{number},{quoted(text or 'o')},B,{quoted(text)},,WALLET,PAID,1.00,,20260302100000"
    return f"{HEADER}\n{row}\n".encode()


def invitation(number: int, text: str) -> bytes:
    """An invitation to the community shop, which is called so."""
    event = {
        "specversion": "1.0", "id": f"e{number}", "source": "/shop/community", "type": "shop.invite.sent",
        "time": "2026-03-02T02:00:00.000Z", "data": {"account_id": "u1", "invite_id": text or "i"},
    }  # fmt: skip
    return json.dumps(event).encode() + b"\n"


def settlement(number: int, text: str) -> bytes:
    """A settlement, whose merchant is called so."""
    row = f"S{number},B,{quoted(text or 'm')},1.00,0.00,0.00,1.00,20260302020000"
    return f"{SETTLEMENT_HEADER}\n{row}\n".encode()


CONTENTS: dict[str, Callable[[int, str], bytes]] = {
    "retail_export": export,
    "shop_plugin": order,
    "shop_community": invitation,
    "payment_sdk": payment,
    "payment_settlements": settlement,
}


def drop(app: App, source: str, name: str | bytes, content: bytes) -> Path:
    """Put a file into a source's inbox, with its manifest where a name leaves room for one."""
    inbox = app.settings.inbox_dir / source
    inbox.mkdir(parents=True, exist_ok=True)
    file = inbox / (name if isinstance(name, str) else name.decode(errors="surrogateescape"))
    file.write_bytes(content)
    if source != "retail_export":
        announce(file, content)
    return file


def announce(file: Path, content: bytes) -> None:
    """Write the manifest of an object of one record."""
    said = {"object": file.name, "lines": 1, "sha256": hashlib.sha256(content).hexdigest()}
    totals = {"totals": {"AMOUNT_YUAN": "1.00"}} if b"AMOUNT_YUAN" in content else {}
    file.with_name(f"{file.name}.manifest.json").write_text(json.dumps(said | totals))
