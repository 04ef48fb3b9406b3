"""The training steps of bench-task.ts in PyTorch: same sizes, terms and optimiser, random data of the same shapes.

Usage: python3 torch-step.py model=mlp|var-t-jepa threads=1 steps=5 warm=2 [fold=1]

With fold=1 the target posterior is computed once per target (Algorithm 1 as it is written) instead of once per step.
Prints {"version", "ms": [milliseconds of each step], "peakMb", "parameters", "gflops": of a 1024 x 1024 product} as JSON.
"""

import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

options = dict(argument.split("=") for argument in sys.argv[1:])
torch.set_num_threads(int(options["threads"]))
torch.manual_seed(0)

ROWS = 512
NUMERIC, CARDINALITIES = 6, [9, 16, 7, 15, 6, 5, 2, 42]
FEATURES = NUMERIC + len(CARDINALITIES)
WIDTH, NARROW, VIEWS, CONTEXT, TARGET = 64, 16, 4, 3, 5


def sample(mean, log_variance):
    return mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)


def bound(value):
    return 16 * torch.tanh(value / 16)


def kl_standard(mean, v):
    return 0.5 * (v.exp() + mean**2 - v - 1).sum(-1)


def kl(qm, qv, pm, pv):
    return 0.5 * (torch.exp(qv - pv) + (qm - pm) ** 2 * torch.exp(-pv) + pv - qv - 1).sum(-1)


def negative_log_likelihood(mean, log_sigma, value):
    return 0.5 * ((value - mean) ** 2 * torch.exp(-2 * log_sigma) + 2 * log_sigma + math.log(2 * math.pi))


class Gaussian(nn.Module):
    """Two heads: mean and bounded log variance."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.mean = nn.Linear(inputs, outputs)
        self.log_variance = nn.Linear(inputs, outputs)

    def forward(self, x):
        return self.mean(x), bound(self.log_variance(x))


class VarJepa(nn.Module):
    """Six networks with two hidden layers of 128."""

    def __init__(self, d_view=32, d=16, d_z=8, hidden=128):
        super().__init__()

        def trunk(inputs):
            return nn.Sequential(nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU())

        def gaussian(inputs, outputs):
            return nn.Sequential(trunk(inputs), Gaussian(hidden, outputs))

        self.context, self.auxiliary = gaussian(d_view, d), gaussian(d, d_z)
        self.posterior, self.predictor = gaussian(d + d_z + d_view, d), gaussian(d + d_z, d)
        self.decode_x = nn.Sequential(trunk(d), nn.Linear(hidden, d_view))
        self.decode_y = nn.Sequential(trunk(d), nn.Linear(hidden, d_view))
        self.log_sigma_x, self.log_sigma_y = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
        self.x, self.y = torch.randn(ROWS, d_view), torch.randn(ROWS, d_view)

    def forward(self):
        x, y = self.x, self.y
        q_x = self.context(x)
        s_x = sample(*q_x)
        q_z = self.auxiliary(s_x)
        z = sample(*q_z)
        q_y = self.posterior(torch.cat([s_x, z, y], 1))
        p_y = self.predictor(torch.cat([s_x, z], 1))
        s_y = sample(*q_y)
        rec = negative_log_likelihood(self.decode_x(s_x), self.log_sigma_x, x).sum(1).mean()
        gen = negative_log_likelihood(self.decode_y(s_y), self.log_sigma_y, y).sum(1).mean()
        return rec + gen + kl_standard(*q_x).mean() + kl_standard(*q_z).mean() + kl(*q_y, *p_y).mean()


def stack(width, layers):
    layer = nn.TransformerEncoderLayer(width, 4, 256, dropout=0.0, activation="gelu", batch_first=True)
    return nn.TransformerEncoder(layer, layers)


def positions(count, width):
    at = torch.arange(count).unsqueeze(1)
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    table = torch.zeros(count, width)
    table[:, 0::2], table[:, 1::2] = torch.sin(at * rate), torch.cos(at * rate)
    return table


class VarTJepa(nn.Module):
    """Adult's size: encoder and target posterior 8 layers of width 64, predictor 4 layers of width 16."""

    def __init__(self, fold):
        super().__init__()
        self.fold = fold
        small = 1 / math.sqrt(WIDTH)

        def uniform(*shape):
            return nn.Parameter((torch.rand(*shape) * 2 - 1) * small)

        self.numeric, self.numeric_bias = uniform(WIDTH), uniform(NUMERIC, WIDTH)
        self.category, self.kind, self.cls = nn.Embedding(sum(CARDINALITIES), WIDTH), uniform(2, WIDTH), uniform(1, WIDTH)
        self.register_buffer("offset", torch.tensor([0] + CARDINALITIES[:-1]).cumsum(0))
        self.register_buffer("position", positions(1 + FEATURES, WIDTH))
        self.register_buffer("narrow_position", positions(1 + FEATURES, NARROW))
        self.context, self.context_head = stack(WIDTH, 8), Gaussian(WIDTH, WIDTH)
        self.target, self.target_head = stack(WIDTH, 8), Gaussian(WIDTH, WIDTH)
        self.predictor, self.predictor_head = stack(NARROW, 4), Gaussian(NARROW, WIDTH)
        self.query = nn.Parameter(torch.randn(WIDTH))

        def block():
            return nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH), nn.GELU())

        self.auxiliary = nn.Sequential(block(), block(), Gaussian(WIDTH, WIDTH))
        self.from_s, self.from_z = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.narrow_s = nn.Linear(WIDTH, NARROW)
        self.context_z, self.mask_z = nn.Linear(WIDTH, NARROW), nn.Linear(WIDTH, NARROW)
        self.mask = nn.Parameter(torch.randn(NARROW) * 0.02)
        self.heads_x = nn.ModuleList([nn.Linear(WIDTH, n) for n in [1] * NUMERIC + CARDINALITIES])
        self.heads_y = nn.ModuleList([nn.Linear(WIDTH, n) for n in [1] * NUMERIC + CARDINALITIES])
        self.log_sigma_x, self.log_sigma_y = nn.Parameter(torch.zeros(())), nn.Parameter(torch.zeros(()))
        self.numbers = torch.randn(ROWS, NUMERIC)
        self.codes = torch.stack([torch.randint(0, n, (ROWS,)) for n in CARDINALITIES], 1)

    def tokens(self):
        numeric = self.numbers.unsqueeze(-1) * self.numeric + self.numeric_bias + self.kind[0]
        category = self.category(self.codes + self.offset) + self.kind[1]
        return torch.cat([numeric, category], 1) + self.position[1:]

    def decode(self, heads, s, log_sigma, row, feature):
        """Mean negative log-likelihood of cells, each feature's by its own head."""
        total = 0
        for j, head in enumerate(heads):
            at = (feature == j).nonzero().squeeze(1)
            out = head(s[at])
            if j < NUMERIC:
                total = total + negative_log_likelihood(out.squeeze(1), log_sigma, self.numbers[row[at], j]).sum()
            else:
                total = total + F.cross_entropy(out, self.codes[row[at], j - NUMERIC], reduction="sum")
        return total / len(feature)

    def forward(self):
        order = torch.rand(ROWS, FEATURES).argsort(1)
        context, rest = order[:, :CONTEXT], order[:, CONTEXT:]
        picks = torch.rand(ROWS, VIEWS, FEATURES - CONTEXT).argsort(2)[:, :, :TARGET]
        targets = rest.unsqueeze(1).expand(-1, VIEWS, -1).gather(2, picks)

        tokens = self.tokens()
        cls = (self.cls + self.position[:1]).expand(ROWS, 1, WIDTH)
        chosen = tokens.gather(1, context.unsqueeze(-1).expand(-1, -1, WIDTH))
        q_x = self.context_head(self.context(torch.cat([cls, chosen], 1)))
        s_x = sample(*q_x)
        share = torch.softmax((s_x * self.query).sum(-1) / math.sqrt(WIDTH), 1)
        pooled = (share.unsqueeze(-1) * s_x).sum(1)
        q_z = self.auxiliary(pooled)
        z = sample(*q_z)

        times = VIEWS if self.fold else 1
        lead = [cls, self.from_s(pooled).unsqueeze(1), self.from_z(z).unsqueeze(1), tokens]
        sequence = torch.cat(lead, 1).repeat_interleave(times, 0)
        q_w = self.target_head(self.target(sequence)[:, 3:])
        s_w = sample(*q_w)

        rows = torch.arange(ROWS)
        on_context = self.narrow_s(s_x) + self.context_z(z).unsqueeze(1)
        on_context = on_context + self.narrow_position[torch.cat([torch.zeros(ROWS, 1, dtype=torch.long), context + 1], 1)]
        on_mask = self.mask + self.narrow_position[targets + 1] + self.mask_z(z)[:, None, None, :]
        sequence = torch.cat([on_context.repeat_interleave(VIEWS, 0), on_mask.reshape(ROWS * VIEWS, TARGET, NARROW)], 1)
        p_y = self.predictor_head(self.predictor(sequence)[:, 1 + CONTEXT :])

        flat = targets.reshape(ROWS * VIEWS, TARGET).unsqueeze(-1).expand(-1, -1, WIDTH)
        q_y = [(t if self.fold else t.repeat_interleave(VIEWS, 0)).gather(1, flat) for t in q_w]

        rec = self.decode(
            self.heads_x,
            s_x[:, 1:].reshape(-1, WIDTH),
            self.log_sigma_x,
            rows.repeat_interleave(CONTEXT),
            context.reshape(-1),
        )
        gen = self.decode(
            self.heads_y,
            s_w.reshape(-1, WIDTH),
            self.log_sigma_y,
            rows.repeat_interleave(times * FEATURES),
            torch.arange(FEATURES).repeat(ROWS * times),
        )
        context_kl = kl_standard(q_x[0][:, 1:], q_x[1][:, 1:]).mean()
        return 0.1 * rec + gen + 1e-4 * context_kl + 1e-6 * kl_standard(*q_z).mean() + 1e-5 * kl(*q_y, *p_y).mean()


model = VarJepa() if options["model"] == "mlp" else VarTJepa(options.get("fold") == "1")
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
times = []
for step in range(int(options["warm"]) + int(options["steps"])):
    began = time.perf_counter()
    optimiser.zero_grad(set_to_none=True)
    loss = model()
    loss.backward()
    optimiser.step()
    loss.item()
    if step >= int(options["warm"]):
        times.append(1e3 * (time.perf_counter() - began))

square = torch.randn(1024, 1024)
product = []
for _ in range(5):
    began = time.perf_counter()
    square @ square
    product.append(time.perf_counter() - began)

print(
    json.dumps(
        {
            "version": torch.__version__,
            "ms": times,
            "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "parameters": sum(p.numel() for p in model.parameters()),
            "gflops": 2 * 1024**3 / min(product) / 1e9,
        }
    )
)
