#!/bin/sh
# Make a root with nothing but Debian's programs in it, and run a page there.
# Arguments: a folder to build it in, the folder of the release, the page's script.
# Runs in mount and process namespaces of its own: all of it is gone at the end.
set -eu
root=$1 release=$2 script=$3
mount -t tmpfs -o mode=755 clean "$root"
cd "$root"
mkdir -p usr etc var/lib var/tmp opt home srv root run proc dev tmp
chmod 1777 tmp var/tmp
chmod 700 root
for name in bin sbin lib lib64; do
    [ -L "/$name" ] && ln -s "usr/$name" "$name"
done
mount --bind /usr usr
mount -o remount,bind,ro usr
mount -t tmpfs -o mode=755 local usr/local
mkdir -p usr/local/bin usr/local/sbin
mount --rbind /dev dev
mount -t proc proc proc
# What name look-up, linking and TLS need; no user but root.
for name in nsswitch.conf hosts resolv.conf ld.so.cache ld.so.conf ld.so.conf.d \
    alternatives ssl ca-certificates localtime pip.conf debian_version os-release \
    pam.d security login.defs shells; do
    [ -e "/etc/$name" ] && cp -aL "/etc/$name" "etc/" 2>/dev/null || true
done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/usr/sbin/nologin\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
printf 'root:*:1::::::\n' >etc/shadow
mkdir -p etc/systemd/system srv/sallyport
cp -rL "$release"/. srv/sallyport/
mv srv/sallyport/stand_in.py usr/local/bin/systemctl
chmod 755 usr/local/bin/systemctl
cp "$script" srv/script
exec chroot . /usr/bin/env -u TMPDIR -u PYTHONPATH -u PIP_FIND_LINKS HOME=/root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash /srv/script
