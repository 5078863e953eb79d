"""A Jupyter server that answers at once: `jupyter lab --ServerApp.kernel_websocket_connection_class=...` (see below).

For one move of a slider a kernel sends four small messages. As they come, TCP keeps the second back until the browser
has acknowledged the first (Nagle's algorithm), and the browser waits up to 40 ms before it does (delayed
acknowledgement). `PromptConnection` sends each message when it is ready:

    jupyter lab --ServerApp.kernel_websocket_connection_class=dgmlib.jupyter.PromptConnection
"""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's own connection between browser and kernel, without the delay for small messages."""

    def connect(self) -> Any:
        """Open the connection as Jupyter does, with TCP_NODELAY set (RFC 896 describes what it switches off)."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
