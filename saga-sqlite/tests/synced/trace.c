/*
 * Loaded before the C library: takes down, in the file that SAGA_TRACE names, what a process writes to a log of
 * SQLite (`w`), and when that is synced (`s`). The process takes down there what depends on it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int is_log(int fd)
{
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path);
    return length > 4 && memcmp(path + length - 4, "-wal", 4) == 0;
}

static void take_down(const char *line)
{
    static int trace = -1;
    int before = errno;
    if (trace < 0)
        trace = open(getenv("SAGA_TRACE"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace < 0 || syscall(SYS_write, trace, line, 2) != 2)
        abort();
    errno = before;
}

/* Before it is carried out: from then on something is not synced. */
static void writes(int fd)
{
    if (is_log(fd))
        take_down("w\n");
}

/* After it was. */
static int syncs(int fd, long result)
{
    if (result == 0 && is_log(fd))
        take_down("s\n");
    return (int)result;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    writes(fd);
    return syscall(SYS_write, fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
    writes(fd);
    return syscall(SYS_pwrite64, fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    return pwrite64(fd, bytes, count, offset);
}

int fdatasync(int fd)
{
    return syncs(fd, syscall(SYS_fdatasync, fd));
}

int fsync(int fd)
{
    return syncs(fd, syscall(SYS_fsync, fd));
}
