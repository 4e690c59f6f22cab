# needs vsftpd
# Its anonymous users need a password from a list, which takes no account. With TLS it
# wants data connections to resume the session of the control connection, as by default.
mkdir "$SITE"
printf '%s\n' "$PASSWORD" >"$DIR/passwords"
printf %s "$CERTIFICATE" >"$DIR/cert.pem"
printf %s "$KEY" >"$DIR/key.pem"
cat >"$DIR/conf" <<END
listen=YES
listen_address=127.0.0.1
listen_port=$PORT
max_per_ip=0
background=NO
run_as_launching_user=YES
ftp_username=$(id -un)
anonymous_enable=YES
local_enable=NO
secure_email_list_enable=YES
email_password_file=$DIR/passwords
anon_root=$SITE
allow_writeable_chroot=YES
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
seccomp_sandbox=NO
xferlog_enable=NO
END
[ "$TLS" = none ] || cat >>"$DIR/conf" <<END
implicit_ssl=$([ "$TLS" = implicit ] && echo YES || echo NO)
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file=$DIR/cert.pem
rsa_private_key_file=$DIR/key.pem
END
exec vsftpd "$DIR/conf"
