/* A program that crashes in the way it is told to, with values in every place that it has: its
 * environment, its arguments, its heap, its stacks, the name of a thread.
 *
 * crasher KIND VALUE...
 *
 * The handler writes the registers and the signal to stdout, in the layout that the test has asked
 * for by macros (CONTEXT_BYTES, FLOAT_AT, SIGINFO_AT, PID_AT, TID_AT, TOTAL_BYTES), and waits to be
 * dumped. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define LOCAL_BYTES 96

static char **values;
static int values_count;
static const char *kind;
static char *heap[64];
static volatile int zero;

static void widen(char *out, const char *text, size_t room) {
    for (size_t i = 0; text[i] != 0 && 2 * i + 1 < room; i++) {
        out[2 * i] = text[i];
        out[2 * i + 1] = 0;
    }
}

static void handle(int number, siginfo_t *info, void *context) {
    static char bytes[TOTAL_BYTES];
    ucontext_t *own = context;
    size_t known = sizeof(*own) < CONTEXT_BYTES ? sizeof(*own) : CONTEXT_BYTES;
    memcpy(bytes, own, known);
    memcpy(bytes + FLOAT_AT, own->uc_mcontext.fpregs, 416);
    struct signalfd_siginfo told;
    memset(&told, 0, sizeof told);
    told.ssi_signo = number;
    told.ssi_code = info->si_code;
    told.ssi_addr = (uintptr_t)info->si_addr;
    memcpy(bytes + SIGINFO_AT, &told, sizeof told);
    int32_t pid = getpid(), tid = syscall(SYS_gettid);
    memcpy(bytes + PID_AT, &pid, 4);
    memcpy(bytes + TID_AT, &tid, 4);
    if (write(1, bytes, sizeof bytes) != sizeof bytes)
        _exit(9);
    for (;;)
        pause();
}

static void *wait_there(void *value) {
    char local[LOCAL_BYTES] = {0}, wide[LOCAL_BYTES] = {0};
    strncpy(local, value, LOCAL_BYTES - 1);
    widen(wide, value, LOCAL_BYTES);
    pthread_setname_np(pthread_self(), "tulipuser-wait");
    while (local[0] != 1 && wide[0] != 1)
        pause();
    return 0;
}

__attribute__((noinline)) int recurse(int depth) {
    char local[LOCAL_BYTES] = {0};
    strncpy(local, values[depth % values_count], LOCAL_BYTES - 1);
    return recurse(depth + 1) + local[depth % LOCAL_BYTES];
}

__attribute__((noinline)) void smash(void) {
    char local[16];
    /* Over the saved frame pointer and the return address, and not over the counter. */
    static size_t i;
    for (i = 0; i < 16 + 48; i++)
        ((volatile char *)local)[i] = values[0][i % strlen(values[0])];
}

__attribute__((noinline)) int total(int count) {
    char local[LOCAL_BYTES] = {0}, wide[LOCAL_BYTES] = {0};
    strncpy(local, values[count % values_count], LOCAL_BYTES - 1);
    widen(wide, values[(count + 1) % values_count], LOCAL_BYTES);
    if (strcmp(kind, "segv") == 0)
        *(volatile int *)0x18 = count;
    else if (strcmp(kind, "abort") == 0)
        abort();
    else if (strcmp(kind, "divide") == 0)
        count = count / zero;
    else if (strcmp(kind, "overflow") == 0)
        count = recurse(0);
    else if (strcmp(kind, "smash") == 0)
        smash();
    return count + local[0] + wide[0];
}

__attribute__((noinline)) int checkout(int count) {
    char local[LOCAL_BYTES] = {0};
    strncpy(local, values[count % values_count], LOCAL_BYTES - 1);
    return total(count + 1) + local[1];
}

int main(int argc, char **argv) {
    static char other[1 << 16];
    kind = argv[1];
    values = argv + 2;
    values_count = argc - 2;
    for (int i = 0; i < values_count && i < 64; i++)
        heap[i] = strdup(values[i]);
    stack_t own = {.ss_sp = other, .ss_size = sizeof other};
    sigaltstack(&own, 0);
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    int numbers[] = {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, 0);
    pthread_t thread;
    pthread_create(&thread, 0, wait_there, values[0]);
    return checkout(1);
}
