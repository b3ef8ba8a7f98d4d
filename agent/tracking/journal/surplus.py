"""A phone's delivery that collected more than is due: what a person is asked, and whose word is in question."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.custody_steps import CustodyStep
from agent.domain.money import dong
from agent.domain.phone_event import PhoneEvent
from agent.store.items import Item
from agent.store.money_surplus import Elsewhere, settled_elsewhere


@dataclass(frozen=True)
class Question:
    """What the courier collected, what is still due now, and the fees that were settled meanwhile; đồng."""

    collected: int
    due: int
    settled: tuple[Elsewhere, ...]

    @property
    def surplus(self) -> int:
        """Đồng that would be owed to the citizen."""
        return max(0, self.collected - self.due)


def of_event(event: PhoneEvent, item: Item) -> int:
    """Đồng that a delivery collected beyond what is due; nought for what is no delivery."""
    if event.step is not CustodyStep.DELIVER or event.proof is None:
        return 0
    return max(0, event.proof.collected - int(item.collect))


def question(item: Item, collected: int) -> Question:
    """What a person has to know to decide about the surplus of an item's delivery."""
    return Question(collected, item.collect, tuple(settled_elsewhere(item)))


def words(event: PhoneEvent, item: Item) -> str:
    """What the courier is told."""
    assert event.proof is not None
    why = "có khoản đã được thu hoặc miễn ở nơi khác" if settled_elsewhere(item) else "có thể gõ nhầm số hoặc thu thừa"
    return (
        f"Bạn ghi đã thu {dong(event.proof.collected)}, sổ chỉ còn phải thu {dong(item.collect)}: {why}. Lần phát được "
        "giữ. Để riêng số tiền này, không tự trả lại, chờ bưu cục quyết định."
    )


def makers(item: Item) -> set[str]:
    """The actors on whose word a fee was settled meanwhile: they do not decide about the cash."""
    return {one.by for one in settled_elsewhere(item) if one.on_a_word}
