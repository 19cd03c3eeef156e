"""A TCP relay whose wire can be cut and mended."""
import contextlib
import selectors
import socket
import threading


class WireCut:
    def __init__(self, port):
        self.target = port
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.is_cut = False
        self.is_over = False
        self.thread = threading.Thread(target=self.relay)
        self.thread.start()

    def close(self):
        self.is_over = True
        self.thread.join()
        self.listener.close()

    def relay(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self.listener, selectors.EVENT_READ, None)
            while not self.is_over:
                if self.is_cut:
                    self.hang_up(selector)
                for key, _ in selector.select(0.05):
                    if key.fileobj not in selector.get_map():
                        continue  # hung up in this round
                    if key.data is None:
                        self.accept(selector)
                    else:
                        self.pass_on(selector, key.fileobj, key.data)
            self.hang_up(selector)

    def accept(self, selector):
        client = self.listener.accept()[0]
        if self.is_cut:
            client.close()
            return
        server = socket.create_connection(('127.0.0.1', self.target))
        selector.register(client, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, client)

    @staticmethod
    def pass_on(selector, source, sink):
        piece = b''
        with contextlib.suppress(OSError):
            piece = source.recv(65536)
            sink.sendall(piece)
        if not piece:
            for one in (source, sink):
                selector.unregister(one)
                one.close()

    @staticmethod
    def hang_up(selector):
        for key in list(selector.get_map().values()):
            if key.data is not None:
                selector.unregister(key.fileobj)
                key.fileobj.close()
