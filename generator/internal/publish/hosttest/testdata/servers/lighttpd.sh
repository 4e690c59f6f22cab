# needs lighttpd
mkdir "$SITE"
printf 'alice:%s\n' "$PASSWORD" >"$DIR/users"
cat >"$DIR/conf" <<END
server.modules = ( "mod_auth", "mod_authn_file", "mod_webdav" )
server.document-root = "$SITE"
server.bind = "127.0.0.1"
server.port = $PORT
server.errorlog = "$DIR/errors"
server.upload-dirs = ( "$DIR" )
mimetype.assign = ( ".html" => "text/html" )
webdav.activate = "enable"
auth.backend = "plain"
auth.backend.plain.userfile = "$DIR/users"
\$HTTP["request-method"] !~ "^(GET|HEAD)$" {
  auth.require = ( "" => ( "method" => "basic", "realm" => "site", "require" => "valid-user" ) )
}
END
exec lighttpd -D -f "$DIR/conf"
