"""What counts as a purchase, and the key under which the purchases of an account are summed."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

ACCOUNT_KEY = ("namespace", "account_id", "currency")
MONEY = "decimal(18,4)"


def is_purchase() -> Column:
    """Tell whether an order line buys something: it cancels nothing and its quantity is above zero."""
    return ~F.col("is_cancellation") & (F.col("quantity") > 0)


def of_known_accounts(order_line: DataFrame) -> DataFrame:
    """Return the order lines whose account is known; guests have none."""
    return order_line.where(F.col("account_id").isNotNull())
