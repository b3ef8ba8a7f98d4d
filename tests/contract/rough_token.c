/* A USB token's bad days over SoftHSM, which knows none of them: a PKCS#11 module that passes everything on, but
 * whose token can be pulled out, locks after three wrong PINs, waits in the middle of a signature, or crashes.
 *
 * ROUGH_TOKEN names a folder. Files in it tell what happens:
 *   out     the token is not plugged in; sessions that were open are gone for good
 *   tries   one byte for each wrong PIN since the last right one; three lock the token
 *   unplug  a number: after so many signatures the token is pulled out
 *   stall   a number: after so many signatures the next one waits for the named pipe `gate`
 *   crash   a number: after so many signatures the next one ends the process
 * and it adds a byte to `made` for each signature.
 * SOFTHSM_MODULE names the real module.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef unsigned long ulong;
typedef struct { unsigned char major, minor; void *call[68]; } functions;
enum { FINALIZE = 1, OWN_LIST = 3, SLOTS = 4, TOKEN_INFO = 6, OPEN = 12, CLOSE_ALL = 14, LOGIN = 18, FIND = 26, SIGN_INIT = 42, SIGN = 43 };
enum { DEVICE_REMOVED = 0x32, TOKEN_NOT_PRESENT = 0xE0, SESSION_HANDLE_INVALID = 0xB3, PIN_INCORRECT = 0xA0, PIN_LOCKED = 0xA4 };
enum { COUNT_LOW = 0x10000, FINAL_TRY = 0x20000, LOCKED = 0x40000 };
#define REAL(index, ...) ((ulong(*)(__VA_ARGS__)) real->call[index])

static functions *real, ours;
static ulong youngest_lost; /* sessions up to this one died when the token was pulled out */
static ulong newest, slot_of_all;
static int made;

static char *in(const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("ROUGH_TOKEN"), name);
    return path;
}

static int present(const char *name) { return access(in(name), F_OK) == 0; }

static void add(const char *name) {
    FILE *file = fopen(in(name), "a");
    fputc('x', file);
    fclose(file);
}

static int out(void) {
    if (!present("out")) return 0;
    if (newest > youngest_lost) { /* the token forgets who was logged in */
        youngest_lost = newest;
        REAL(CLOSE_ALL, ulong)(slot_of_all);
    }
    return 1;
}

static int gone(ulong session) { return out() || session <= youngest_lost; }

static long tries(void) {
    struct stat about;
    return stat(in("tries"), &about) == 0 ? (long)about.st_size : 0;
}

static ulong finalize(void *reserved) {
    newest = youngest_lost = 0; /* the library counts its sessions anew */
    return REAL(FINALIZE, void *)(reserved);
}

static ulong get_slots(unsigned char with_token, ulong *slots, ulong *count) {
    if (out()) { *count = 0; return 0; }
    return REAL(SLOTS, unsigned char, ulong *, ulong *)(with_token, slots, count);
}

static ulong get_token_info(ulong slot, void *info) {
    if (out()) return TOKEN_NOT_PRESENT;
    ulong said = REAL(TOKEN_INFO, ulong, void *)(slot, info);
    ulong *flags = (ulong *)((char *)info + 96);
    *flags &= ~(ulong)(COUNT_LOW | FINAL_TRY | LOCKED);
    if (tries() == 1) *flags |= COUNT_LOW;
    if (tries() == 2) *flags |= COUNT_LOW | FINAL_TRY;
    if (tries() >= 3) *flags |= LOCKED;
    return said;
}

static ulong open_session(ulong slot, ulong flags, void *mine, void *notify, ulong *session) {
    if (out()) return TOKEN_NOT_PRESENT;
    ulong said = REAL(OPEN, ulong, ulong, void *, void *, ulong *)(slot, flags, mine, notify, session);
    if (said == 0 && *session > newest) newest = *session, slot_of_all = slot;
    return said;
}

static ulong login(ulong session, ulong who, unsigned char *pin, ulong length) {
    if (gone(session)) return DEVICE_REMOVED;
    if (tries() >= 3) return PIN_LOCKED;
    ulong said = REAL(LOGIN, ulong, ulong, unsigned char *, ulong)(session, who, pin, length);
    if (said == 0) unlink(in("tries"));
    if (said == PIN_INCORRECT) add("tries");
    return said;
}

static ulong find_init(ulong session, void *template, ulong count) {
    if (gone(session)) return out() ? DEVICE_REMOVED : SESSION_HANDLE_INVALID;
    return REAL(FIND, ulong, void *, ulong)(session, template, count);
}

static ulong sign_init(ulong session, void *mechanism, ulong key) {
    if (gone(session)) return out() ? DEVICE_REMOVED : SESSION_HANDLE_INVALID;
    return REAL(SIGN_INIT, ulong, void *, ulong)(session, mechanism, key);
}

/* Whether the number in this file is reached; no file, no limit. */
static int reached(const char *name) {
    int most = 0;
    FILE *limit = fopen(in(name), "r");
    if (limit == NULL) return 0;
    int said = fscanf(limit, "%d", &most);
    fclose(limit);
    return said == 1 && made >= most;
}

static ulong sign(ulong session, unsigned char *data, ulong length, unsigned char *signature, ulong *size) {
    if (signature == NULL) return REAL(SIGN, ulong, unsigned char *, ulong, unsigned char *, ulong *)(session, data, length, signature, size);
    if (reached("stall")) close(open(in("gate"), O_RDONLY));
    if (reached("crash")) abort();
    if (reached("unplug")) close(creat(in("out"), 0600));
    if (gone(session)) return DEVICE_REMOVED;
    ulong said = REAL(SIGN, ulong, unsigned char *, ulong, unsigned char *, ulong *)(session, data, length, signature, size);
    if (said == 0) made++, add("made");
    return said;
}

ulong C_GetFunctionList(functions **list) {
    if (real == NULL) {
        void *module = dlopen(getenv("SOFTHSM_MODULE"), RTLD_NOW | RTLD_LOCAL);
        if (module == NULL) return 5;
        ulong (*get)(functions **) = (ulong(*)(functions **))dlsym(module, "C_GetFunctionList");
        ulong said = get(&real);
        if (said != 0) return said;
        ours = *real;
        ours.call[FINALIZE] = (void *)finalize;
        ours.call[OWN_LIST] = (void *)C_GetFunctionList;
        ours.call[SLOTS] = (void *)get_slots;
        ours.call[TOKEN_INFO] = (void *)get_token_info;
        ours.call[OPEN] = (void *)open_session;
        ours.call[LOGIN] = (void *)login;
        ours.call[FIND] = (void *)find_init;
        ours.call[SIGN_INIT] = (void *)sign_init;
        ours.call[SIGN] = (void *)sign;
    }
    *list = &ours;
    return 0;
}
