#!/bin/busybox sh
# Process 1 of the virtual machine: load the modules, take the host's files as they are, run the checks, switch off.
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
(sleep 900; poweroff -f) &
mount -t proc proc /proc
mount -t sysfs sys /sys
while read -r module; do
    case "$module" in
        dummy_hcd.ko) insmod "/modules/$module" num=6 ;;
        *) insmod "/modules/$module" ;;
    esac || echo "init: $module did not load"
done < /modules/order
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 host /new || poweroff -f
mount -t proc proc /new/proc
mount -t sysfs sys /new/sys
mount -t configfs configfs /new/sys/kernel/config
mount -t debugfs debugfs /new/sys/kernel/debug
mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm
mount -t devpts devpts /new/dev/pts
mount -t tmpfs shm /new/dev/shm
mount -t tmpfs run /new/run
mkdir -p /new/run/tmp
ifconfig lo 127.0.0.1 up
project=$(sed 's/.* project=\([^ ]*\).*/\1/' /proc/cmdline)
python=$(sed 's/.* python=\([^ ]*\).*/\1/' /proc/cmdline)
arguments=$(sed 's/.* checks=\([^ ]*\).*/\1/' /proc/cmdline)
chroot /new /bin/sh -c "cd '$project' && exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TMPDIR=/run/tmp HOME=/run/tmp \
    PYTHONDONTWRITEBYTECODE=1 '$python' -m tests.vm.guest '$arguments' > /dev/ttyS1"
echo "init: the checks ended with $?"
poweroff -f
