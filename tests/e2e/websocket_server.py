"""A websocket server of an independent implementation (Debian's python3-websockets): an echo that
pings, and answers 'bye' by closing. Prints its port; on a line from stdin prints what it saw."""
import asyncio
import json
import sys

import websockets

SEEN = {'opened': 0, 'messages': 0, 'codes': {}, 'agents': {}}


async def serve(socket):
    SEEN['opened'] += 1
    agent = socket.request_headers.get('X-Own', '')
    SEEN['agents'][agent] = SEEN['agents'].get(agent, 0) + 1
    try:
        async for message in socket:
            SEEN['messages'] += 1
            if message == 'bye':
                await socket.close(4321, 'as you wish')
            elif message == 'ping':
                await (await socket.ping())
                await socket.send('pong came')
            elif message == 'pieces':
                await socket.send(['one, ', 'tw\u00f6, ', 'three'])
            else:
                await socket.send(message)
    except websockets.ConnectionClosed:
        pass
    SEEN['codes'][socket.close_code] = SEEN['codes'].get(socket.close_code, 0) + 1


async def main():
    async with websockets.serve(serve, '127.0.0.1', 0, subprotocols=['chat']) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        print(json.dumps(SEEN), flush=True)


asyncio.run(main())
