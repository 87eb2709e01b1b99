"""The largest learning rate that trains, without BN and with it, from first weights of several sizes.

Bjorck et al. 2018, "Understanding Batch Normalization", report that BN allows much larger rates. Here it is tried in a network
of eight hidden layers that takes a second, with nothing but what `import bntui` gives.

    python docs/largest_rate.py
"""

import numpy as np

import bntui

NETWORK = {
    "version": 1,
    "title": "Bjorck et al. 2018, small",
    "network": {
        "layers": [
            {"name": "h", "units": 16, "activation": "relu", "repeat": 8},
            {"name": "head", "units": 1, "batch_norm": False},
        ],
        "init": {"scheme": "he"},
    },
    "data": {"generator": {"name": "sine", "samples": 64}},
    "training": {"learning_rate": 0.1, "batch_size": 16},
}


def main() -> None:
    """Print a row for each size of the first weights: medians over five seeds, 0 where most train at no rate."""
    print("gain   without BN   with BN")
    for gain in (0.5, 1.0, 1.5, 2.0):
        run = bntui.load(NETWORK, settings={"network.init.gain": gain})
        swept = run.sweep("normalization=none,batch_norm", first=1e-4, last=10, count=11, steps=100, seeds=5)
        without, normalized = (np.median(np.nan_to_num(curve.largest)) for curve in swept.curves.values())
        print(f"{gain:>4}   {without:>10.3g}   {normalized:>7.3g}")


if __name__ == "__main__":
    main()
