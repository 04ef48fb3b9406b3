"""Runs cells in the project's kernel through jupyter_client, as Jupyter does, and prints what came as JSON.

usage: jupyter-client.py KERNEL_COMMAND_AS_JSON CELLS; in the command {connection_file} stands for that file
"""

import json
import sys

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

manager = KernelManager(kernel_name="")
manager._kernel_spec = KernelSpec(argv=json.loads(sys.argv[1]), interrupt_mode="message")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)


def run(code):
    texts, data = {"stdout": [], "stderr": []}, None

    def take(message):
        nonlocal data
        if message["msg_type"] == "stream":
            texts[message["content"]["name"]].append(message["content"]["text"])
        if message["msg_type"] == "execute_result":
            data = message["content"]["data"]["text/plain"]

    reply = client.execute_interactive(code, output_hook=take, timeout=60)
    return {
        "status": reply["content"]["status"],
        "result": data,
        **{name: "".join(parts) for name, parts in texts.items()},
    }


try:
    results = [run(f"{i} + 1") for i in range(int(sys.argv[2]))]
    lines = run("for (let i = 0; i < 10000; i++) { console.log(i); console.error(i); }")
    print(
        json.dumps(
            {
                "statuses": sorted({each["status"] for each in results}),
                "right": sum(each["result"] == str(i + 1) for i, each in enumerate(results)),
                "stdout": lines["stdout"].split("\n")[:-1] == [str(i) for i in range(10000)],
                "stderr": lines["stderr"].split("\n")[:-1] == [str(i) for i in range(10000)],
                "alive": run("1 + 1")["result"],
            }
        )
    )
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=False)
