"""An image host on this machine: takes pictures in the ways of the hosts that mua-async knows."""

from __future__ import annotations

from enum import Enum, auto
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from .answers import Refused, json_answer
from .body import read_body
from .listening import LocalServer
from .state import StoredFile

API_KEY = "sandbox-image-key"
LARGEST_BODY = 64 * 1024 * 1024
SUFFIXES = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"RIFF": "webp", b"GIF8": "gif"}
"""By the first bytes of a picture."""


class HostTrouble(Enum):
    """What is wrong with the host."""

    ERROR = auto()
    """Status 503."""
    HANG = auto()
    """It never answers."""
    NO_ADDRESS = auto()
    """It takes the picture, and does not say where it lies."""


class SandboxImageHost:
    """Lives as long as its context, and forgets everything at the end.

    It speaks as ptpimg at `upload.php`, as imgbb at `1/upload`, as catbox at `user/api.php`, and as a host of
    no particular make at `pictures`. Entering raises UsageError where the port cannot be had.
    """

    def __init__(self, *, port: int = 0) -> None:
        self._server = LocalServer(port)
        self.url = ""
        """Known after entering."""
        self.pictures: dict[str, StoredFile] = {}
        """What lies there, by its path."""
        self.asked = 0
        """Requests that came in with a picture, whatever became of them."""
        self.trouble: HostTrouble | None = None

    async def __aenter__(self) -> Self:
        self.url = await self._server.open(self._application())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._server.close()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._troubled], client_max_size=LARGEST_BODY)
        application.add_routes(
            [
                web.post("/upload.php", self._as_ptpimg),
                web.post("/1/upload", self._as_imgbb),
                web.post("/user/api.php", self._as_catbox),
                web.post("/pictures", self._as_itself),
                web.get("/{name}", self._show),
            ]
        )
        return application

    @web.middleware
    async def _troubled(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "POST":
            self.asked += 1
            match self.trouble:
                case HostTrouble.ERROR:
                    return web.Response(status=503, text="down for maintenance")
                case HostTrouble.HANG:
                    await self._server.closing.wait()
                case HostTrouble.NO_ADDRESS:
                    return json_answer({"success": True})
        try:
            return await handler(request)
        except Refused as refused:
            return refused.response

    async def _as_ptpimg(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if body.fields.get("api_key") != API_KEY:
            raise Refused(web.Response(status=403, text="invalid api key"))
        code, _, suffix = self._store(body.files.get("file-upload[0]")).partition(".")
        return json_answer([{"code": code, "ext": suffix}])

    async def _as_imgbb(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if request.query.get("key") != API_KEY:
            raise Refused(json_answer({"error": {"message": "Invalid API v1 key.", "code": 100}}, 400))
        url = self._address(self._store(body.files.get("image")))
        return json_answer({"data": {"url": url}, "success": True, "status": 200})

    async def _as_catbox(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if body.fields.get("reqtype") != "fileupload":
            raise Refused(web.Response(status=412, text="no request type"))
        return web.Response(text=self._address(self._store(body.files.get("fileToUpload"))))

    async def _as_itself(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        if request.headers.get("X-Api-Key") != API_KEY:
            raise Refused(json_answer({"error": "unknown key"}, 401))
        return json_answer({"files": [{"link": self._address(self._store(body.files.get("picture")))}]})

    async def _show(self, request: web.Request) -> web.Response:
        picture = self.pictures.get(request.match_info["name"])
        if picture is None:
            return web.Response(status=404, text="there is no such picture")
        return web.Response(body=picture.data, content_type=picture.content_type)

    def _store(self, picture: StoredFile | None) -> str:
        """The name under which it lies there."""
        data = picture.data if picture else b""
        suffix = next((suffix for start, suffix in SUFFIXES.items() if data.startswith(start)), None)
        if picture is None or suffix is None:
            raise Refused(web.Response(status=415, text="that is no picture"))
        name = f"p{len(self.pictures) + 1:05}.{suffix}"
        self.pictures[name] = picture
        return name

    def _address(self, name: str) -> str:
        return f"{self.url}/{name}"
