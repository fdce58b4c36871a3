"""Each way that a channel can fail, named once.

    ChannelError
    ├── BadPayload                 a webhook that cannot be read (HTTP 400)
    └── SendError                  one try to send that did not work
        ├── ProviderBusy           retryable: the whole provider waits
        ├── ProviderUnreachable    retryable: the request never went out
        ├── ProviderFailing        retryable: the provider says that it failed
        ├── FateUnknown            may have been sent, may not
        ├── PhoneUnreachable       retryable
        ├── NotYet                 retryable: too early for this one message
        ├── OptedOut, Blocked, WrongAddress, TooLate, NotRouted, Filtered,
        ├── TooLong, PartlySent,   never again
        ├── WindowClosed           until they write again
        └── Credentials, SenderNotReady, Refused    the operator must act

The class is the cause, its docstring the sentence that staff read, its attributes
the facts that delivery branches on. Codes of providers stay in their modules.
"""

from __future__ import annotations

from typing import ClassVar


class ChannelError(Exception):
    """Something went wrong between us and a provider."""


class BadPayload(ChannelError):
    """The provider's request cannot be read."""


class SendError(ChannelError):
    """The message could not be sent."""

    retryable: ClassVar[bool] = False
    our_fault: ClassVar[bool] = False  # the operator must act; the contact did nothing
    fate_unknown: ClassVar[bool] = False  # it may have arrived: trying again may double it
    whole_provider: ClassVar[bool] = False  # nothing else will go through this provider either
    sent_id = ""  # what the provider calls the part that went out all the same

    def __init__(self, code: str | int | None = None, *, retry_after_s: float | None = None) -> None:
        self.code = None if code is None else str(code)  # the provider's own number, for logs; never its text
        self.retry_after_s = retry_after_s
        super().__init__(self.code or type(self).__name__)

    @property
    def name(self) -> str:
        """The cause as one word, for the outbox row, logs and metrics."""
        return type(self).__name__

    @classmethod
    def sentence(cls) -> str:
        """The sentence for the desk, without the error at hand."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @property
    def staff_reason(self) -> str:
        """The sentence for the desk."""
        return self.sentence()


class ProviderBusy(SendError):
    """The provider asked us to slow down; we try again in a moment."""

    retryable = True
    whole_provider = True


class ProviderUnreachable(SendError):
    """The provider cannot be reached from here; we keep trying."""

    retryable = True
    whole_provider = True


class ProviderFailing(SendError):
    """The provider answers that it has failed itself; we keep trying."""

    retryable = True
    whole_provider = True


class FateUnknown(SendError):
    """The connection broke while sending: this message may or may not have arrived."""

    retryable = True
    fate_unknown = True


class PhoneUnreachable(SendError):
    """The phone is switched off or out of reach."""

    retryable = True


class NotYet(SendError):
    """The provider has not finished with this message; we try again in a while."""

    retryable = True


class OptedOut(SendError):
    """This number has texted STOP; the provider delivers nothing until it texts START."""


class Blocked(SendError):
    """The contact has blocked the bot or closed their account."""


class WrongAddress(SendError):
    """This number or chat does not exist or cannot receive messages."""


class TooLate(SendError):
    """The provider could not deliver it in time and dropped it."""


class NotRouted(SendError):
    """The provider does not deliver to this country or network from our number."""


class Filtered(SendError):
    """The phone network refused this text as unwanted; change the words before sending again."""


class TooLong(SendError):
    """The message is too long for this channel; send it in shorter pieces."""


class PartlySent(SendError):
    """Only the beginning of this long message was sent; send the rest again."""

    def __init__(self, code: str | int | None = None, *, sent_id: str = "") -> None:
        super().__init__(code)
        self.sent_id = sent_id


class WindowClosed(SendError):
    """WhatsApp takes our words only within 24 hours of theirs; they have to write first."""


class Credentials(SendError):
    """The provider refuses our account or password; the operator must look."""

    our_fault = True
    whole_provider = True
    retryable = True  # right again as soon as the operator has corrected the setting


class SenderNotReady(SendError):
    """Our number may not send, for example because it is not registered; the operator must look."""

    our_fault = True


class Refused(SendError):
    """The provider refused the message as malformed; the operator must look."""

    our_fault = True


def cause_named(name: str) -> type[SendError] | None:
    """The class of a name that `SendError.name` gave; None for a name that is not of this tree."""
    return next((cause for cause in SendError.__subclasses__() if cause.__name__ == name), None)
