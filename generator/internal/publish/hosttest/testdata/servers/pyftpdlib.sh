# needs python3:pyftpdlib
# A server that knows the commands of RFC 3659.
mkdir "$SITE"
cat >"$DIR/serve.py" <<END
import os
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
users = DummyAuthorizer()
users.add_user("anonymous", os.environ["PASSWORD"], os.environ["SITE"], perm="elradfmwMT")
FTPHandler.authorizer = users
FTPHandler.auth_failed_timeout = 0
FTPServer(("127.0.0.1", int(os.environ["PORT"])), FTPHandler).serve_forever()
END
exec /usr/bin/python3 "$DIR/serve.py"
