/* While writing (`myst start`): mystmd announces every rebuild on a socket; the page then reloads in place. */
const address = document.getElementById("live-reload").dataset.socket;

const listen = () => {
  const socket = new WebSocket(address);
  socket.addEventListener("message", (event) => {
    if (JSON.parse(event.data).type === "RELOAD") location.reload();
  });
  socket.addEventListener("close", () => setTimeout(listen, 2000));
};
listen();
