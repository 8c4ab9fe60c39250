#include "textflag.h"

// After Intel's "New Instructions Supporting the Secure Hash Algorithm on Intel
// Architecture Processors" (2013), for two messages whose rounds alternate.
//
// State ABEF and CDGH of a are X1 and X2, its message X3 to X6; of b X7, X8 and
// X9 to X12. X0 is what SHA256RNDS2 takes, X13 and X14 are between two steps.

// LOAD takes the i-th quarter of a block.
#define LOAD(i, p, m) \
	MOVOU (i*16)(p), m \
	PSHUFB X15, m

// QUAD is four rounds, 4i to 4i+3.
#define QUAD(i, m, abef, cdgh) \
	MOVOU (i*16)(AX), X0 \
	PADDD m, X0 \
	SHA256RNDS2 X0, abef, cdgh \
	PSHUFD $0x0e, X0, X0 \
	SHA256RNDS2 X0, cdgh, abef

// SCHEDULE finishes the four words that follow on m.
#define SCHEDULE(before, m, next, t) \
	MOVO m, t \
	PALIGNR $4, before, t \
	PADDD t, next \
	SHA256MSG2 m, next

#define BOTH(i, ma, mb) \
	QUAD(i, ma, X1, X2) \
	QUAD(i, mb, X7, X8)

#define BOTHNEXT(i, a0, ma, a2, b0, mb, b2) \
	BOTH(i, ma, mb) \
	SCHEDULE(a0, ma, a2, X13) \
	SCHEDULE(b0, mb, b2, X14)

// FULL also begins the four words that take the place of a0 and b0.
#define FULL(i, a0, ma, a2, b0, mb, b2) \
	BOTHNEXT(i, a0, ma, a2, b0, mb, b2) \
	SHA256MSG1 ma, a0 \
	SHA256MSG1 mb, b0

// UNPACK makes ABEF and CDGH of eight words.
#define UNPACK(p, abef, cdgh, t) \
	MOVOU 0(p), abef \
	MOVOU 16(p), cdgh \
	PSHUFD $0xb1, abef, abef \
	PSHUFD $0x1b, cdgh, cdgh \
	MOVO abef, t \
	PALIGNR $8, cdgh, abef \
	PBLENDW $0xf0, t, cdgh

#define PACK(p, abef, cdgh, t) \
	PSHUFD $0x1b, abef, t \
	PSHUFD $0xb1, cdgh, cdgh \
	MOVO t, abef \
	PBLENDW $0xf0, cdgh, abef \
	PALIGNR $8, t, cdgh \
	MOVOU abef, 0(p) \
	MOVOU cdgh, 16(p)

// func blocksSHA(a, b *words, p, q *byte, n int, t *table)
TEXT ·blocksSHA(SB), NOSPLIT, $64-48
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ p+16(FP), DX
	MOVQ q+24(FP), CX
	MOVQ n+32(FP), BX
	MOVQ t+40(FP), AX
	MOVOU 256(AX), X15
	UNPACK(DI, X1, X2, X13)
	UNPACK(SI, X7, X8, X14)

next:
	MOVOU X1, 0(SP)
	MOVOU X2, 16(SP)
	MOVOU X7, 32(SP)
	MOVOU X8, 48(SP)

	LOAD(0, DX, X3)
	LOAD(0, CX, X9)
	BOTH(0, X3, X9)
	LOAD(1, DX, X4)
	LOAD(1, CX, X10)
	BOTH(1, X4, X10)
	SHA256MSG1 X4, X3
	SHA256MSG1 X10, X9
	LOAD(2, DX, X5)
	LOAD(2, CX, X11)
	BOTH(2, X5, X11)
	SHA256MSG1 X5, X4
	SHA256MSG1 X11, X10
	LOAD(3, DX, X6)
	LOAD(3, CX, X12)
	FULL(3, X5, X6, X3, X11, X12, X9)
	FULL(4, X6, X3, X4, X12, X9, X10)
	FULL(5, X3, X4, X5, X9, X10, X11)
	FULL(6, X4, X5, X6, X10, X11, X12)
	FULL(7, X5, X6, X3, X11, X12, X9)
	FULL(8, X6, X3, X4, X12, X9, X10)
	FULL(9, X3, X4, X5, X9, X10, X11)
	FULL(10, X4, X5, X6, X10, X11, X12)
	FULL(11, X5, X6, X3, X11, X12, X9)
	FULL(12, X6, X3, X4, X12, X9, X10)
	BOTHNEXT(13, X3, X4, X5, X9, X10, X11)
	BOTHNEXT(14, X4, X5, X6, X10, X11, X12)
	BOTH(15, X6, X12)

	MOVOU 0(SP), X13
	PADDD X13, X1
	MOVOU 16(SP), X14
	PADDD X14, X2
	MOVOU 32(SP), X13
	PADDD X13, X7
	MOVOU 48(SP), X14
	PADDD X14, X8
	ADDQ $64, DX
	ADDQ $64, CX
	DECQ BX
	JNZ next

	PACK(DI, X1, X2, X13)
	PACK(SI, X7, X8, X14)
	RET

// What follows hashes one message into two states that began at different
// blocks of it: X1 and X2, X7 and X8. The words of the message are scheduled once.

// ONE is four rounds of both.
#define ONE(i, m) \
	MOVOU (i*16)(AX), X0 \
	PADDD m, X0 \
	SHA256RNDS2 X0, X1, X2 \
	SHA256RNDS2 X0, X7, X8 \
	PSHUFD $0x0e, X0, X0 \
	SHA256RNDS2 X0, X2, X1 \
	SHA256RNDS2 X0, X8, X7

#define ONENEXT(i, before, m, next) \
	ONE(i, m) \
	SCHEDULE(before, m, next, X13)

#define ONEFULL(i, before, m, next) \
	ONENEXT(i, before, m, next) \
	SHA256MSG1 m, before

// func sameSHA(a, b *words, p *byte, n int, t *table)
TEXT ·sameSHA(SB), NOSPLIT, $0-40
	MOVQ a+0(FP), DI
	MOVQ b+8(FP), SI
	MOVQ p+16(FP), DX
	MOVQ n+24(FP), BX
	MOVQ t+32(FP), AX
	MOVOU 256(AX), X15
	UNPACK(DI, X1, X2, X13)
	UNPACK(SI, X7, X8, X14)

next:
	MOVO X1, X9
	MOVO X2, X10
	MOVO X7, X11
	MOVO X8, X12

	LOAD(0, DX, X3)
	ONE(0, X3)
	LOAD(1, DX, X4)
	ONE(1, X4)
	SHA256MSG1 X4, X3
	LOAD(2, DX, X5)
	ONE(2, X5)
	SHA256MSG1 X5, X4
	LOAD(3, DX, X6)
	ONEFULL(3, X5, X6, X3)
	ONEFULL(4, X6, X3, X4)
	ONEFULL(5, X3, X4, X5)
	ONEFULL(6, X4, X5, X6)
	ONEFULL(7, X5, X6, X3)
	ONEFULL(8, X6, X3, X4)
	ONEFULL(9, X3, X4, X5)
	ONEFULL(10, X4, X5, X6)
	ONEFULL(11, X5, X6, X3)
	ONEFULL(12, X6, X3, X4)
	ONENEXT(13, X3, X4, X5)
	ONENEXT(14, X4, X5, X6)
	ONE(15, X6)

	PADDD X9, X1
	PADDD X10, X2
	PADDD X11, X7
	PADDD X12, X8
	ADDQ $64, DX
	DECQ BX
	JNZ next

	PACK(DI, X1, X2, X13)
	PACK(SI, X7, X8, X14)
	RET

// func cpuid(leaf uint32) (eax, ebx, ecx uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-20
	MOVL leaf+0(FP), AX
	XORL CX, CX
	CPUID
	MOVL AX, eax+8(FP)
	MOVL BX, ebx+12(FP)
	MOVL CX, ecx+16(FP)
	RET
