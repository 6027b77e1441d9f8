"""datatrove's runner for a server that is already there, wherever it is."""

from __future__ import annotations

from typing import Any

from datatrove.pipeline.inference.run_inference import InferenceRunner
from datatrove.pipeline.inference.servers import EndpointServer, InferenceServer
from datatrove.pipeline.inference.types import InferenceError
from datatrove.pipeline.inference.types import ServerError as ServerGone

__all__ = ["EndpointRunner"]


class EndpointRunner(InferenceRunner):  # type: ignore[misc]
    """An `InferenceRunner` whose ``server_type="endpoint"`` reaches servers on other machines.

    The one of datatrove (0.10.1) looks for the models at ``<url>/v1/models`` without the key, and sends requests to
    ``<url>/chat/completions``: with ``/v1`` in the URL it waits 50 minutes and ends, without it requests go nowhere.
    On this machine it leaves the key out. Where there is none it sends that of OpenAI from the environment to
    whatever server is asked. Here the URL may end in ``/v1`` or not, and the key of the configuration, and no other,
    goes with every request. Requests go through ``httpx``.

    Takes the same arguments, and leaves other types of server as they are. A `ChatRollout` waits as long as the
    server asks (``Retry-After``).

    Raises
    ------
    ValueError
        If the configuration asks for an endpoint and has no ``endpoint_url``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if self.config.server_type == "endpoint" and not self.config.endpoint_url:
            msg = f"endpoint_url must be the address of a server, got {self.config.endpoint_url!r}"
            raise ValueError(msg)

    def _init_server(self, rank: int) -> InferenceServer:
        if self.config.server_type == "endpoint":
            return _Endpoint(self.config, rank)
        return super()._init_server(rank)


class _Endpoint(EndpointServer):  # type: ignore[misc]
    """The connection to a server that is already there."""

    def __init__(self, config: Any, rank: int) -> None:  # noqa: ANN401
        InferenceServer.__init__(self, config, rank)  # that of EndpointServer makes a client of its own
        self.endpoint_url = config.endpoint_url.rstrip("/").removesuffix("/v1")
        self.client: Any = None

    async def start_server(self) -> None:
        """Open the connections; there is nothing to start."""
        import httpx

        key = self.config.api_key
        self.client = httpx.AsyncClient(
            base_url=self.endpoint_url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=self.config.request_timeout,
            limits=httpx.Limits(max_connections=self.config.max_concurrent_generations),
        )

    async def is_ready(self) -> bool:
        """Whether the server lists its models; `ServerGone` if it refuses the key."""
        found = await self.client.get("/v1/models", timeout=5.0)
        if found.status_code in (401, 403):
            msg = f"{self.endpoint_url} does not accept the key: status {found.status_code}"
            raise ServerGone(msg)
        return bool(found.status_code == 200)

    async def _make_request(self, payload: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return the answer's JSON; failures become what the runner and `ChatRollout` understand."""
        import httpx

        path = "/v1/chat/completions" if self.config.use_chat else "/v1/completions"
        try:
            answer = await self.client.post(path, json=payload)
            answer.raise_for_status()
            return answer.json()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            msg = f"no connection to {self.endpoint_url}: {error}"
            raise ConnectionError(msg) from error
        except httpx.HTTPStatusError as error:
            refused = "BadRequestError, " if error.response.status_code == 400 else ""  # for skip_bad_requests
            msg = f"{refused}Error http status {error.response.status_code}"
            raise InferenceError(None, msg, payload=payload) from error
        except httpx.TransportError as error:
            raise InferenceError(None, f"{type(error).__name__}: {error}", payload=payload) from error

    async def server_cleanup(self) -> None:
        """Close the connections."""
        await super().server_cleanup()
        if self.client is not None:
            await self.client.aclose()
            self.client = None
