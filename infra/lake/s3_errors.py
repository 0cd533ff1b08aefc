"""What went wrong with S3 or SQS, in words that name the remedy and repeat nothing that was sent or answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import S3TransferRetriesExceededError
from botocore import exceptions as boto

from infra.lake.object_store import StoreError

TRIES: Final = 5
"""How often a request is sent before it is given up."""
CREDENTIALS: Final = frozenset(
    [
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidToken",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "AuthFailure",
        "TokenRefreshRequired",
    ]
)
FORBIDDEN: Final = frozenset(["AccessDenied", "AccessDeniedException", "AllAccessDisabled", "Forbidden", "403"])
ELSEWHERE: Final = frozenset(
    ["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"]
)
ABSENT: Final = frozenset(
    ["NoSuchBucket", "InvalidBucketName", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"]
)
BUSY: Final = frozenset(
    [
        "SlowDown",
        "ServiceUnavailable",
        "InternalError",
        "RequestTimeout",
        "Throttling",
        "ThrottlingException",
        "TooManyRequests",
        "OperationAborted",
        "ConditionalRequestConflict",
        "BadDigest",
        "500",
        "502",
        "503",
        "504",
    ]
)
LATER: Final = "Nothing is lost: what was interrupted is done again by the next try. See whether the server is up"
REMEDIES: Final = (
    (CREDENTIALS, "the credentials that boto3 found are wrong or expired. Renew them where boto3 looks for them"),
    (FORBIDDEN, "whoever the credentials that boto3 found belong to may not do this. Allow it, see docs/operations.md"),
    (ELSEWHERE, "it lies in another region. Set GUANXI_LANDING_REGION"),
    (ABSENT, "there is none. Create it, or mend the setting that names it"),
    (frozenset({"NoSuchKey", "404"}), "the object is not there. Restore it, or have it delivered again"),
    (frozenset({"RequestTimeTooSkewed"}), "the clock of this machine is wrong. Set it"),
    (BUSY, f"asked {TRIES} times, it did not do it. {LATER}"),
)
NO_CREDENTIALS: Final = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.UnauthorizedSSOTokenError,
    boto.ProfileNotFound,
)


@contextmanager
def explained(place: str, operation: str) -> Iterator[None]:
    """Turn boto3's errors into StoreError: `place` is the bucket, object or queue, `operation` what was tried."""
    try:
        yield
    except (boto.BotoCoreError, boto.ClientError, Boto3Error, S3TransferRetriesExceededError) as error:
        # Not as its cause: what a server answered goes into no log.
        raise StoreError(f"{place}: it was tried to {operation} ({_name(error)}), and {_remedy(error)}.") from None


def code_of(error: boto.ClientError) -> str:
    """What the server calls the error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _name(error: Exception) -> str:
    return code_of(error) if isinstance(error, boto.ClientError) else type(error).__name__


def _remedy(error: Exception) -> str:
    if isinstance(error, NO_CREDENTIALS):
        return "boto3 finds no credentials. Give it some: AWS_* variables, ~/.aws, or the machine's role"
    if isinstance(error, boto.NoRegionError):
        return "no region is known. Set GUANXI_LANDING_REGION"
    if not isinstance(error, boto.ClientError):
        return f"asked {TRIES} times, the server did not answer to the end. {LATER}"
    code = code_of(error)
    return next((remedy for codes, remedy in REMEDIES if code in codes), "that is all the server says. See its log")
