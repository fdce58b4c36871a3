"""Layers: the twelve layers of multilingual-e5-small in torch, read from the wheel's file, written as int8 ONNX.

Post-norm BERT: x = norm(x + attention), x = norm(x + feed-forward); the mean over all tokens is the sentence.
The token rows stay as they are in the wheel: the file that is written takes rows in and gives vectors out.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from bot.understanding.tuning.graph import READS, lean
from bot.understanding.wheel import MAX_TOKENS, WheelFile

DROPOUT = 0.1
_POSITIONS = 512


class Layer(nn.Module):
    """One layer."""

    def __init__(self, wheel: WheelFile, number: int) -> None:
        super().__init__()
        self.heads = wheel.heads
        self.query, self.key, self.value, self.attended = (
            _linear(wheel, f"l{number}.{name}", wheel.width, wheel.width) for name in ("q", "k", "v", "ao")
        )
        self.widen = _linear(wheel, f"l{number}.fi", wheel.width, wheel.inner)
        self.narrow = _linear(wheel, f"l{number}.fo", wheel.inner, wheel.width)
        self.norm_attended = _norm(wheel, f"l{number}.aln")
        self.norm_out = _norm(wheel, f"l{number}.oln")
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, hidden: Tensor, absent: Tensor) -> Tensor:
        """Return the next hidden states; `absent` is minus infinity where there is no token."""
        batch, length, width = hidden.shape
        query, key, value = (
            part(hidden).view(batch, length, self.heads, width // self.heads).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        weights = torch.softmax(query @ key.transpose(-1, -2) / (width // self.heads) ** 0.5 + absent, dim=-1)
        mixed = (weights @ value).transpose(1, 2).reshape(batch, length, width)
        hidden = self.norm_attended(hidden + self.dropout(self.attended(mixed)))
        return self.norm_out(hidden + self.dropout(self.narrow(nn.functional.gelu(self.widen(hidden)))))


class Encoder(nn.Module):
    """From token rows to one vector a text, not yet of unit length."""

    def __init__(self, wheel: WheelFile) -> None:
        super().__init__()
        positions = wheel.numbers("emb.pos").reshape(-1, wheel.width)[:_POSITIONS]
        kinds = wheel.numbers("emb.type")[: wheel.width]
        self.positions = nn.Parameter(torch.from_numpy(positions[:MAX_TOKENS] + kinds))
        self.norm_in = _norm(wheel, "emb.ln")
        self.heads = wheel.heads
        self.layers = nn.ModuleList(Layer(wheel, number) for number in range(wheel.layers))
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, rows: Tensor, present: Tensor) -> Tensor:
        """Return the mean of the last layer over the tokens.

        Args:
            rows: batch x length x width, the token rows.
            present: batch x length, 1.0 where there is a token.
        """
        hidden = self.dropout(self.norm_in(rows + self.positions[: rows.shape[1]]))
        absent = (1.0 - present)[:, None, None, :] * -1e4
        for layer in self.layers:
            hidden = layer(hidden, absent)
        return (hidden * present[..., None]).sum(1) / present.sum(1, keepdim=True)


def write_int8(encoder: Encoder, path: Path) -> None:
    """Write the encoder as ONNX with 8-bit weights, one scale an output."""
    encoder.eval()
    lengths = {0: "batch", 1: "length"}
    rows, present = torch.zeros(2, 7, encoder.positions.shape[1]), torch.ones(2, 7)
    with tempfile.TemporaryDirectory() as made:
        full = Path(made) / "full.onnx"
        torch.onnx.export(
            encoder, (rows, present), str(full), input_names=["rows", "present"], output_names=["vectors"],
            dynamic_axes={"rows": lengths, "present": lengths, "vectors": {0: "batch"}},
            opset_version=17, dynamo=False,
        )  # fmt: skip
        onnx.checker.check_model(str(full))
        quantize_dynamic(str(full), str(path), per_channel=True, weight_type=QuantType.QInt8)
    onnx.save(lean(onnx.load(str(path)), len(encoder.layers), encoder.heads, encoder.positions.shape[1]), str(path))


def read_int8(wheel: WheelFile, path: Path) -> Encoder:
    """Return the encoder that `write_int8` wrote, as near as 8 bits kept it.

    Raises:
        KeyError, RuntimeError: the file is not of the form that `write_int8` makes.
    """
    made = Encoder(wheel)
    kept = {one.name: numpy_helper.to_array(one) for one in onnx.load(str(path)).graph.initializer}
    # The products that are not read at once come without names of their own, layer by layer in this order.
    apart = iter([name.removesuffix("_quantized") for name in kept if name.endswith("_quantized")])
    for number in range(wheel.layers):
        read, layer = f"/layers.{number}/read", f"layers.{number}"
        weights = np.split(_whole(kept, f"{read}.weight", f"{read}.scale"), len(READS), axis=1)
        biases = np.split(kept[f"{read}.bias"], len(READS))
        for part, weight, bias in zip(READS, weights, biases, strict=True):
            kept[f"{layer}.{part}.weight"], kept[f"{layer}.{part}.bias"] = weight.T, bias
        for part in ("attended", "widen", "narrow"):
            name = next(apart)
            kept[f"{layer}.{part}.weight"] = _whole(kept, f"{name}_quantized", f"{name}_scale").T
    made.load_state_dict({name: torch.tensor(kept[name]) for name in made.state_dict()})
    return made


def mean_of(encoders: Sequence[Encoder]) -> Encoder:
    """Return one encoder whose numbers are the means of theirs: all must have been tuned from the same layers."""
    made = copy.deepcopy(encoders[0])
    states = [one.state_dict() for one in encoders]
    made.load_state_dict({name: torch.stack([one[name] for one in states]).mean(0) for name in states[0]})
    return made


def batch_of(wheel: WheelFile, tokens: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Return rows and presence of texts of unequal length."""
    longest = max(map(len, tokens))
    rows = np.zeros((len(tokens), longest, wheel.width), np.float32)
    present = np.zeros((len(tokens), longest), np.float32)
    for place, ids in enumerate(tokens):
        rows[place, : len(ids)] = wheel.rows(np.array(ids))
        present[place, : len(ids)] = 1
    return torch.from_numpy(rows), torch.from_numpy(present)


def _whole(kept: dict[str, npt.NDArray[Any]], weight: str, scale: str) -> npt.NDArray[np.float32]:
    return np.asarray(kept[weight] * kept[scale], np.float32)


def _linear(wheel: WheelFile, name: str, width: int, outputs: int) -> nn.Linear:
    made = nn.Linear(width, outputs)
    made.weight.data = torch.from_numpy(wheel.matrix(f"{name}.w", width))
    made.bias.data = torch.from_numpy(wheel.numbers(f"{name}.b"))
    return made


def _norm(wheel: WheelFile, name: str) -> nn.LayerNorm:
    made = nn.LayerNorm(wheel.width, eps=wheel.epsilon)
    made.weight.data, made.bias.data = (torch.from_numpy(wheel.numbers(f"{name}.{part}")) for part in ("w", "b"))
    return made
