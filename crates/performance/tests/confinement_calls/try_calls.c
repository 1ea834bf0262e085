/* An opcode library of a piece with bad intent: when a confined engine makes its instance of Csound, it makes
   the system calls of a plan, one a line, and prints what came of each. A nursery loads it too, and there it does
   nothing, since no piece is there. Built by the test. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static char buffer[1 << 16] __attribute__((aligned(4096)));
static char text[16][512];

static void say(const char *word, const char *name, long result, int error)
{
    char line[256];
    int length = snprintf(line, sizeof line, "%s %s %ld %d\n", word, name, result, error);
    if (write(1, line, length) < 0) _exit(99);
}

/* A socket's address: "4,10.0.0.1,9000", "6,::1,9000", or "0" for none. */
static long address(const char *word, char *into)
{
    char place[64] = "";
    int family = 0, port = 0;
    sscanf(word, "%d,%63[^,],%d", &family, place, &port);
    memset(into, 0, 64);
    if (family == 4) {
        struct sockaddr_in *address = (struct sockaddr_in *)into;
        address->sin_family = AF_INET;
        address->sin_port = htons(port);
        inet_pton(AF_INET, place, &address->sin_addr);
    } else if (family == 6) {
        struct sockaddr_in6 *address = (struct sockaddr_in6 *)into;
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(port);
        inet_pton(AF_INET6, place, &address->sin6_addr);
    }
    return (long)into;
}

static void *sleeping(void *nothing)
{
    sleep(60);
    return nothing;
}

/* An argument: a number, '*' for room that nobody else needs, '@' for this process, '"' and a text, '=' and
   an address. */
static long argument(const char *word, int number)
{
    if (*word == '*') return (long)buffer;
    if (*word == '@') return getpid();
    if (*word == '=') return address(word + 1, text[number]);
    if (*word == '"') return (long)strncpy(text[number], word + 1, sizeof text[number] - 1);
    return strtoll(word, NULL, 0);
}

#ifdef __x86_64__
static long as_32_bit(long number)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number) : "memory", "r8", "r9", "r10", "r11");
    return result;
}
#else
static long as_32_bit(long number) { return number; }
#endif

static void try_calls(void)
{
    static char line[8192];
    FILE *plan = fopen(PLAN, "r");
    if (!plan) return;
    while (fgets(line, sizeof line, plan)) {
        char *rest, *name = strtok_r(line, " \n", &rest), *word = strtok_r(NULL, " \n", &rest);
        long arguments[6] = {0};
        if (!name || !word) continue;
        memset(buffer, 0, sizeof buffer);
        say("try", name, 0, 0);
        errno = 0;
        if (*word == 'i') {
            long result = as_32_bit(atol(word + 1));
            say("did", name, result, errno);
            continue;
        }
        if (*word == 't') {
            long started = 0;
            pthread_t thread;
            for (long i = 0; i < atol(word + 1); i++) started += pthread_create(&thread, NULL, sleeping, NULL) == 0;
            usleep(500000);
            say("did", name, started, 0);
            continue;
        }
        for (int i = 0; i < 6; i++) {
            char *next = strtok_r(NULL, " \n", &rest);
            if (next) arguments[i] = argument(next, i);
        }
        long result = syscall(strtol(word, NULL, 0), arguments[0], arguments[1], arguments[2], arguments[3],
                              arguments[4], arguments[5]);
        say("did", name, result, errno);
    }
    fclose(plan);
}

/* Csound calls both for each of its instances. */
int csoundModuleCreate(void *csound)
{
    char name[17] = "";
    prctl(PR_GET_NAME, name);
    if (strncmp(name, "nursery", 7) != 0) try_calls();
    return 0;
}

int csoundModuleInit(void *csound) { return 0; }

/* The version that Csound 7 asks for: 7.0, with samples of 8 bytes. Csound 6 takes libraries that say none. */
#ifdef FOR_7
int csoundModuleInfo(void) { return (7 << 16) + (0 << 8) + 8; }
#endif
