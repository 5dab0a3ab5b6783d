"""A mail server on loopback that keeps what it is told and answers DATA or BDAT as it is told to.
"""
import socketserver
import threading
import time

from harness import HOST, free_port


class Sink:
    """`answers`: replies to the end of data, in turn; the last one again and again. `address`: to
    listen on. `connections`: every byte that came, by connection."""

    def __init__(self, answers=("250 2.0.0 taken",), address=HOST, extensions=("8BITMIME",)):
        self.answers = list(answers)
        self.messages = []
        self.connections = []
        self.first_at = None  # seconds since boot
        self.port = free_port()
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.heard = bytearray()
                sink.connections.append(self.heard)
                self.say("220 sink.test ESMTP")
                for line in self.lines():
                    verb = line[:4].upper()
                    if verb == b"EHLO":
                        lines = ["sink.test", *extensions]
                        self.say("\r\n".join(
                            ["250-" + each for each in lines[:-1]] + ["250 " + lines[-1]]))
                    elif verb == b"BDAT":  # the client sends a message in one
                        content = self.rfile.read(int(line.split()[1]))
                        self.heard += content
                        sink.messages.append(content)
                        self.say(sink.next_answer())
                    elif verb == b"DATA":
                        self.say("354 go ahead")
                        sink.messages.append(self.read_message())
                        sink.first_at = sink.first_at or time.clock_gettime(time.CLOCK_BOOTTIME)
                        self.say(sink.next_answer())
                    else:
                        self.say("221 bye" if verb == b"QUIT" else "250 2.0.0 fine")
                        if verb == b"QUIT":
                            return

            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def lines(self):
                for line in self.rfile:
                    self.heard += line
                    yield line

            def read_message(self):
                lines = []
                for line in self.lines():
                    if line == b".\r\n":
                        break
                    lines.append(line)
                return b"".join(lines)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 512

            def handle_error(self, *_):
                """A gateway that is stopped ends its connections."""

        self.server = Server((address, self.port), Handler)

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def route(self, domain="remote.test"):
        """A setting that sends mail for the domain here."""
        return f'route=[{{domain="{domain}", host="{HOST}", port={self.port}}}]'

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
