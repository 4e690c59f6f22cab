# needs nginx
# It asks for Basic authentication.
mkdir "$SITE"
printf 'alice:{PLAIN}%s\n' "$PASSWORD" >"$DIR/users"
cat >"$DIR/conf" <<END
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off; worker_processes 2; pid $DIR/pid; error_log $DIR/errors; $([ "$(id -u)" != 0 ] || echo "user root;")
events {}
http {
  access_log off; client_max_body_size 0;
  client_body_temp_path $DIR/body; proxy_temp_path $DIR/proxy; fastcgi_temp_path $DIR/fastcgi; uwsgi_temp_path $DIR/uwsgi; scgi_temp_path $DIR/scgi;
  server {
    listen 127.0.0.1:$PORT; root $SITE;
    location / {
      dav_methods PUT DELETE MKCOL COPY MOVE; dav_ext_methods PROPFIND OPTIONS;
      limit_except GET { auth_basic "the site, digest qop=auth"; auth_basic_user_file $DIR/users; }
    }
  }
}
END
exec nginx -c "$DIR/conf" -e "$DIR/errors"
