"""Tokens a second, and which fraction of a device's peak that is (model FLOP/s utilisation, MFU)."""

from __future__ import annotations

import importlib.metadata
import platform
import time
from typing import TYPE_CHECKING, Any, Final

import torch

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["PEAKS", "Clock", "peak_flops", "versions"]

PEAKS: Final = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "RTX 4090": 165e12,
}
"""Dense bf16 FLOP/s by name, from the makers' data sheets. Those print sparse figures too, which are twice as high."""

_WARM = 5  # steps: the first ones compile and allocate


def peak_flops(device: torch.device, precision: str) -> float:
    """Return the dense peak of a device in bf16 or fp16; NaN where it is not known, as for processors and in fp32."""
    if device.type != "cuda" or precision == "fp32":
        return float("nan")
    name = torch.cuda.get_device_name(device)
    return next((peak for known, peak in PEAKS.items() if known in name), float("nan"))


class Clock:
    """Measures the steps that run inside it: ``with clock: ...``.

    Parameters
    ----------
    tokens_per_step : int
        Of all devices.
    flops_per_token : float
        See `sizes.flops_per_token`.
    peak_flops : float
        Of all devices; NaN if it is not known.
    device : torch.device
        Its queue is emptied before the time is read.
    """

    def __init__(
        self, *, tokens_per_step: int, flops_per_token: float, peak_flops: float, device: torch.device
    ) -> None:
        self.tokens_per_step = tokens_per_step
        self._flops = flops_per_token
        self._peak = peak_flops
        self._device = device
        self._seconds: list[float] = []

    @property
    def device_name(self) -> str:
        """What it is called."""
        on_gpu = self._device.type == "cuda"
        return torch.cuda.get_device_name(self._device) if on_gpu else f"{torch.get_num_threads()} threads of a CPU"

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        self._seconds.append(time.perf_counter() - self._start)

    def last(self) -> dict[str, Any]:
        """Return tokens a second and MFU of the last step."""
        return self._figures(self._seconds[-1])

    def summary(self) -> dict[str, Any]:
        """Return the same for the median step, without the first five, and the most memory of this device in GB."""
        warm = sorted(self._seconds[_WARM:] or self._seconds)
        memory = torch.cuda.max_memory_allocated(self._device) / 1e9 if self._device.type == "cuda" else None
        return {**self._figures(warm[len(warm) // 2] if warm else 0.0), "peak_memory_gb": memory}

    def _figures(self, seconds: float) -> dict[str, Any]:
        speed = self.tokens_per_step / seconds if seconds else 0.0
        utilisation = speed * self._flops / self._peak
        known = utilisation == utilisation  # not NaN
        return {"tokens_per_second": round(speed, 1), "mfu": round(utilisation, 4) if known else None}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that have a say in the figures."""
    found = {"python": platform.python_version()}
    for package in ("textbooks", "torch", "transformers", "deepspeed", "flash-attn"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
