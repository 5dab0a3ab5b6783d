"""A name server on loopback that lies, loops, cuts its answers short or says nothing at all, by the
first label of what it is asked: hang, loop, cut, junk, refuse. Everything else does not exist.
"""
import socket
import threading

HOST = "127.0.0.1"
RESPONSE, TRUNCATED = 0x84, 0x86
NO_NAME, REFUSED = 3, 5


def question_of(query):
    """The labels asked about, and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace").lower())
        at += 1 + query[at]
    return labels, at + 5


def reply_to(query):
    """The answer, or None for silence."""
    labels, end = question_of(query)
    word = labels[0] if labels[0] != "mx" else labels[1]

    def answer(flags, code, records=b"", count=0):
        return (query[:2] + bytes([flags, code]) + b"\0\1" + count.to_bytes(2, "big") + bytes(4) +
                query[12:end] + records)

    if word == "hang":
        return None
    if word == "loop":  # an alias for itself
        return answer(RESPONSE, 0, b"\xc0\x0c\0\5\0\1\0\0\0\5\0\2\xc0\x0c", 1)
    if word == "cut":  # and nobody listens on TCP
        return answer(TRUNCATED, 0)
    if word == "junk":
        return answer(RESPONSE, 0, b"\xc0\xff\xff", 7)
    if word == "refuse":
        return answer(RESPONSE, REFUSED)
    return answer(RESPONSE, NO_NAME)


class LyingNameServer:
    def __enter__(self):
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.port = self.socket.getsockname()[1]
        self.questions = 0
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
                self.questions += 1
                reply = reply_to(query)
                if reply:
                    self.socket.sendto(reply, peer)
            except (IndexError, UnicodeError):
                continue
            except OSError:
                return
